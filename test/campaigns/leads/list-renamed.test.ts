import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createFilterJob } from '../../../campaigns/leads/lead-filters.ts';
import { filterJob } from '../../../campaigns/leads/wanted-changes.ts';
import type { FilterOperator, LeadFilter } from '../../../campaigns/leads/lead-filter.ts';
import { createListRenamed } from '../../../campaigns/leads/list-renamed.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

onBothEngines('a list that is renamed', (theApp) => {
  let app: TestApp;
  before(() => (app = theApp()));

  const filterOf = (operator: FilterOperator, ...values: string[]): LeadFilter => ({
    meet: 'all',
    conditions: [{ field: 'list', operator, values }],
  });
  const listOf = (name: string) =>
    createListStore(app).create({ name, defaultCountry: 'US' }, { userId: null, now: 1 });
  const rename = async (id: number, to: string) => {
    const { revision } = (await createListStore(app).get(id))!;
    return (await createListRenamed(app)(id, revision, { name: to, description: null }))!;
  };
  const filterOfCampaign = async (id: number) => (await createCampaignStore(app).get(id))!.leadFilter;
  const job = (campaignId: number) => ({
    ...{ id: '1', data: { campaignId }, attempt: 1, signal: new AbortController().signal },
    progress: async () => {},
  });

  it('is still meant by filters and quotas that name it, and no lead is blocked for the name', async () => {
    const list = await listOf('March');
    const campaignId = await makeCampaign(app, { leadFilter: filterOf('is', 'MARCH', 'Other') });
    const { knex } = app.db;
    const quota = { campaign_id: campaignId, name: 'Enough', goal: 5, created_at: 1 };
    await knex('campaign_quotas').insert({ ...quota, who: JSON.stringify(filterOf('is', 'March')) });
    await knex('campaigns')
      .where({ id: campaignId })
      .update({ quotas_met: JSON.stringify([filterOf('is', 'March')]) });
    const [lead] = await addLeads(app, campaignId, [{ list_id: list }]);
    const { revision } = (await createCampaignStore(app).get(campaignId))!;
    const followed = await rename(list, 'Spring');
    assert.deepEqual(followed.map((one) => [one.campaignId, one.quota]), [[campaignId, null], [campaignId, 'Enough']]); // prettier-ignore
    const met = await knex('campaigns').where({ id: campaignId }).first('quotas_met');
    assert.deepEqual(
      JSON.parse(met.quotas_met),
      [filterOf('is', 'Spring')],
      'whom it holds back it goes on holding back',
    );
    assert.deepEqual(await filterOfCampaign(campaignId), filterOf('is', 'Spring', 'Other'));
    assert.equal(
      (await createCampaignStore(app).get(campaignId))!.revision,
      revision + 1,
      'whoever edits it is told',
    );
    const { who } = await knex('campaign_quotas').where({ campaign_id: campaignId }).first();
    assert.deepEqual(JSON.parse(who), filterOf('is', 'Spring'));
    const queued = await knex('jobs').where({ name: filterJob }).pluck<string[]>('data');
    assert.ok(queued.some((data) => (JSON.parse(data) as { campaignId: number }).campaignId === campaignId));
    await knex('campaigns').where({ id: campaignId }).update({ quotas_met: null });
    await createFilterJob(app).run(job(campaignId));
    assert.equal((await knex('leads').where({ id: lead }).first()).state, 'new');
  });

  it('leaves the old name to another list that has it, and what names no list alone', async () => {
    const [first, second] = [await listOf('Twice'), await listOf('Twice')];
    assert.ok(second);
    const both = await makeCampaign(app, { leadFilter: filterOf('is-not', 'Twice') });
    const part = await makeCampaign(app, { leadFilter: filterOf('contains', 'Twice') });
    const company = {
      meet: 'all',
      conditions: [{ field: 'company', operator: 'is', values: ['Twice'] }],
    } as const;
    const other = await makeCampaign(app, { leadFilter: company });
    await rename(first, 'Once');
    assert.deepEqual(await filterOfCampaign(both), filterOf('is-not', 'Twice', 'Once'));
    assert.deepEqual(await filterOfCampaign(part), filterOf('contains', 'Twice'));
    assert.deepEqual(await filterOfCampaign(other), company);
    const queued = await app.db.knex('jobs').where({ name: filterJob }).pluck<string[]>('data');
    const ids = queued.map((data) => (JSON.parse(data) as { campaignId: number }).campaignId);
    assert.deepEqual([ids.includes(part), ids.includes(other)], [true, false]);
  });

  it('fault: what names it cannot be saved – then it keeps its name too', async () => {
    const list = await listOf('Whole');
    const campaignId = await makeCampaign(app, { leadFilter: filterOf('is', 'Whole') });
    const fail = { ...app, clock: { ...app.clock, now: () => assert.fail('cut off') } } as never;
    await assert.rejects(createListRenamed(fail)(list, 0, { name: 'Half', description: null }), /cut off/);
    assert.equal((await createListStore(app).get(list))!.name, 'Whole');
    assert.deepEqual(await filterOfCampaign(campaignId), filterOf('is', 'Whole'));
  });

  it('leaves the name to another list that has it in other letters: to a filter they are one', async () => {
    const first = await listOf('Winter');
    await listOf('ＷＩＮＴＥＲ');
    const campaignId = await makeCampaign(app, { leadFilter: filterOf('is', 'winter') });
    await rename(first, 'Ice');
    assert.deepEqual(await filterOfCampaign(campaignId), filterOf('is', 'Winter', 'Ice'));
  });
});
