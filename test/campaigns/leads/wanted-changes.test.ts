import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createCampaignStore, type CampaignDraft } from '../../../campaigns/campaigns/index.ts';
import { finishCampaigns } from '../../../campaigns/index.ts';
import { createLeadBuilder } from '../../../campaigns/leads/lead-builder.ts';
import type { LeadFilter } from '../../../campaigns/leads/lead-filter.ts';
import { createFilterJob } from '../../../campaigns/leads/lead-filters.ts';
import { createListMix } from '../../../campaigns/leads/list-mix.ts';
import { createListRenamed } from '../../../campaigns/leads/list-renamed.ts';
import { createWantedChanges } from '../../../campaigns/leads/wanted-changes.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import { up as regionsAnew } from '../../../migrations/0282-leads-of-regions-anew.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

onBothEngines('leads that are to follow', (theApp) => {
  let app: TestApp;
  let away: TestApp;
  let campaignId: number;
  before(() => {
    app = theApp();
    const jobs = { ...app.jobs, add: () => Promise.reject(new Error('queue away')) };
    away = { ...app, jobs } as never;
  });
  beforeEach(async () => {
    await app.db.knex('jobs').delete();
    await app.db.knex('lead_changes_wanted').delete();
    campaignId = await makeCampaign(app);
  });

  const filterOf = (field: 'name' | 'list', ...values: string[]): LeadFilter => ({ meet: 'all', conditions: [{ field, operator: 'is', values }] }); // prettier-ignore
  const job = <T>(data: T, signal = new AbortController().signal) => ({ id: '1', data, attempt: 1, signal, progress: async () => {} }); // prettier-ignore
  const jobs = (): Promise<{ id: string; name: string; data: string }[]> => app.db.knex('jobs').orderBy('created_at').select('id', 'name', 'data'); // prettier-ignore
  const wishes = async () => (await app.db.knex('lead_changes_wanted').orderBy('id')).map(({ kind }) => kind as string); // prettier-ignore
  const sweep = () => createWantedChanges(app).sweep();
  const states = async () => (await app.db.knex('leads').where({ campaign_id: campaignId }).orderBy('id')).map(({ state }) => state as string); // prettier-ignore
  const listOf = (name: string) => createListStore(app).create({ name, defaultCountry: 'US' }, { userId: null, now: 1 }); // prettier-ignore
  async function saveFilter(leadFilter: LeadFilter | null): Promise<void> {
    const store = createCampaignStore(away);
    const campaign = (await store.get(campaignId))!;
    const draft: CampaignDraft = { ...campaign, leadFilter, trunkIds: [], agentIds: [], dispositionIds: [] };
    assert.ok((await store.update(campaignId, campaign.revision, draft, 5)).saved);
    await createWantedChanges(away).queue(campaignId);
  }

  it('leads follow filters and quotas that ask for a region, as those now take who is in a place of it', async () => {
    const [byFilter, byQuota] = [await makeCampaign(app), await makeCampaign(app)];
    const asking = JSON.stringify({ meet: 'all', conditions: [{ field: 'addressRegion', operator: 'is', values: ['US'] }] }); // prettier-ignore
    const plain = JSON.stringify(filterOf('name', 'Ada'));
    await app.db.knex('campaigns').where({ id: byFilter }).update({ lead_filter: asking });
    await app.db.knex('campaigns').where({ id: campaignId }).update({ lead_filter: plain });
    const quota = { name: 'Q', goal: 1, created_at: 1 };
    await app.db.knex('campaign_quotas').insert([asking, plain].map((who) => ({ ...quota, who, campaign_id: byQuota }))); // prettier-ignore
    await regionsAnew(app.db.knex);
    const rows = await app.db.knex('lead_changes_wanted').orderBy('id').select('campaign_id', 'kind');
    assert.deepEqual(
      rows.map((row) => [row.campaign_id, row.kind] as unknown),
      [byFilter, byQuota].map((id) => [id, 'filter']),
    );
    await sweep();
    assert.equal((await jobs()).length, 2);
    for (const id of [byFilter, byQuota]) await createFilterJob(app).run(job({ campaignId: id }));
    assert.deepEqual(await wishes(), []);
    await app.db.knex('campaign_quotas').delete();
    await app.db.knex('campaigns').update({ lead_filter: null });
  });

  it('fault: the queue takes nothing when a list leaves, a filter or an order changes, a quota is met, a list gets another name', async () => {
    const listId = await listOf('Fair');
    const store = createCampaignStore(away);
    await store.attachList(campaignId, listId, 5);
    await createListMix(away).change(campaignId, new Map([[listId, { priority: 2, weight: 3 }]]));
    assert.deepEqual(await wishes(), ['reorder']);
    await saveFilter(filterOf('list', 'Fair'));
    assert.equal(await store.setQuotasMet(campaignId, [filterOf('name', 'Ada')]), true);
    assert.equal(await store.setQuotasMet(campaignId, [filterOf('name', 'Ada')]), false);
    await createListRenamed(away)(listId, 0, { name: 'Spring fair', description: null });
    assert.equal(await store.detachList(campaignId, listId), true);
    assert.deepEqual(await wishes(), ['reorder', 'filter', 'filter', 'filter', 'remove']);
    assert.equal(await createWantedChanges(away).isBehind(campaignId), true);
    assert.deepEqual(await jobs(), []);
    await sweep();
    const queued = await jobs();
    assert.deepEqual(queued.map(({ name }) => name).sort(), ['leads.filter', 'leads.remove', 'leads.reorder']); // prettier-ignore
    assert.deepEqual(JSON.parse(queued.find(({ name }) => name === 'leads.reorder')!.data), { campaignId, listId, from: 5 }); // prettier-ignore
    assert.equal(await createWantedChanges(app).isBehind(campaignId), false);
    await sweep();
    assert.equal((await jobs()).length, 3, 'they wait already');
  });

  it('what is saved as it was asks for nothing', async () => {
    await saveFilter(null);
    await createListMix(app).change(campaignId, new Map([[99, { priority: 2, weight: 3 }]]));
    assert.equal(await createCampaignStore(app).detachList(campaignId, 99), false);
    assert.deepEqual(await wishes(), []);
  });

  it('fault: the queue forgets a job, or gives it up – the leads follow all the same', async () => {
    await addLeads(app, campaignId, [{}, { state: 'waiting' }]);
    await saveFilter(filterOf('name', 'nobody'));
    await sweep();
    await app.db.knex('jobs').delete();
    await sweep();
    const [second] = await jobs();
    await app.db.knex('jobs').where({ id: second!.id }).update({ state: 'failed', dedupe_key: null });
    await sweep();
    assert.equal((await jobs()).length, 2);
    const stopped = new AbortController();
    stopped.abort();
    await createFilterJob(app).run(job({ campaignId }, stopped.signal));
    assert.deepEqual([await states(), await wishes()], [['new', 'waiting'], ['filter']]);
    await createFilterJob(app).run(job({ campaignId }));
    assert.deepEqual([await states(), await wishes()], [['blocked', 'blocked'], []]);
    await app.db.knex('jobs').delete();
    await sweep();
    assert.deepEqual(await jobs(), []);
  });

  it('fault: the filter changes again while a job goes through the leads – its end does not end that wish', async () => {
    await addLeads(app, campaignId, [{}]);
    await saveFilter(filterOf('name', 'nobody'));
    const wanted = createWantedChanges(app);
    await wanted.carryOut({ kind: 'filter', campaignId }, async () => {
      await saveFilter(null);
      return true;
    });
    assert.deepEqual(await wishes(), ['filter']);
    await createCampaignStore(app).transition(campaignId, 'start', 1);
    await app.db.knex('leads').where({ campaign_id: campaignId }).update({ state: 'blocked', state_reason: 'filtered', reserved_from: 'new' }); // prettier-ignore
    await finishCampaigns(app);
    assert.equal((await createCampaignStore(app).get(campaignId))!.state, 'running', 'leads are still to be freed'); // prettier-ignore
    await createFilterJob(app).run(job({ campaignId }));
    assert.deepEqual([await states(), await wishes()], [['new'], []]);
  });

  it('a list that comes back before its leads have gone keeps them, and the wish is over', async () => {
    const listId = await listOf('Back again');
    const store = createCampaignStore(app);
    await store.attachList(campaignId, listId, 5);
    await addLeads(app, campaignId, [{ list_id: listId }]);
    await store.detachList(campaignId, listId);
    await store.attachList(campaignId, listId, 5);
    const builder = createLeadBuilder(app);
    await builder.runRemove(job({ campaignId, listId }));
    assert.deepEqual([await states(), await wishes()], [['new'], []]);
    await store.detachList(campaignId, listId);
    await builder.runRemove(job({ campaignId, listId }));
    assert.deepEqual([await states(), await wishes()], [[], []]);
  });
});
