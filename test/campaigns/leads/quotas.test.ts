import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createDispositionStore } from '../../../campaigns/dispositions/index.ts';
import { createFilterJob } from '../../../campaigns/leads/lead-filters.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import { createQuotas } from '../../../campaigns/leads/quotas.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

onBothEngines('quotas of a campaign', (theApp) => {
  let app: TestApp;
  let campaignId: number;
  let sale: number;
  let refused: number;
  before(async () => {
    app = theApp();
    await createDispositionStore(app).seed();
    const codes = new Map((await createDispositionStore(app).all()).map(({ code, id }) => [code, id]));
    [sale, refused] = [codes.get('sale')!, [...codes].find(([code]) => code !== 'sale')![1]];
  });
  beforeEach(async () => {
    campaignId = await makeCampaign(app);
    await createCampaignStore(app).transition(campaignId, 'start', app.clock.now());
  });

  const of = (region: string) => ({
    meet: 'all' as const,
    conditions: [{ field: 'addressRegion' as const, operator: 'is' as const, values: [region] }],
  });
  /** Leads of people in a region, in the state given. */
  async function people(region: string, count: number, columns: object = {}): Promise<number[]> {
    const ids = await addLeads(
      app,
      campaignId,
      Array.from({ length: count }, () => ({ ...columns })),
    );
    const customers = app.db.knex('leads').whereIn('id', ids).select('customer_id');
    await app.db.knex('customers').whereIn('id', customers).update({ address_region: region });
    return ids;
  }
  const states = async (ids: number[]) =>
    (await app.db.knex('leads').whereIn('id', ids).orderBy('id')).map(({ state, state_reason }) => [state, state_reason]); // prettier-ignore
  /** What the counting job and the job that it queues do. */
  async function round(): Promise<void> {
    await createQuotas(app).run();
    await sort();
  }
  const sort = () =>
    createFilterJob(app).run({
      ...{ id: '1', data: { campaignId }, attempt: 1, signal: new AbortController().signal },
      progress: async () => {},
    });
  const sold = (ids: number[], dispositionId = sale) =>
    app.db.knex('leads').whereIn('id', ids).update({ state: 'done', last_disposition_id: dispositionId });

  it('holds the others of a kind back once as many of it have bought as are wanted, and nobody else', async () => {
    const quotas = createQuotas(app);
    const north = await people('US-NY', 5);
    const south = await people('US-FL', 2);
    assert.ok(await quotas.add(campaignId, { name: 'North', who: of('US-NY'), goal: 2 }));
    await sold(north.slice(0, 1));
    await sold(north.slice(1, 2), refused);
    await round();
    assert.deepEqual((await quotas.ofCampaign(campaignId))[0]!.reached, 1);
    assert.deepEqual((await states(north)).slice(2), Array(3).fill(['new', null]));
    await sold(north.slice(2, 3));
    await round();
    assert.deepEqual((await states(north)).slice(3), Array(2).fill(['blocked', 'quota-met']));
    assert.deepEqual(await states(south), Array(2).fill(['new', null]));
    const given = await createLeadStore(app).reserve({ campaignId, count: 9, by: 'd', now: app.clock.now() });
    assert.deepEqual(given.map(({ id }) => id), south); // prettier-ignore
  });

  it('finds sales by an index, however many leads are done otherwise', async () => {
    await sold(await people('US-NY', 2));
    const read: { sql: string; bindings: readonly unknown[] }[] = [];
    const look = (query: { sql: string; bindings: readonly unknown[] }) => {
      if (/from .leads. where .*last_disposition_id/.test(query.sql)) read.push(query);
    };
    app.db.knex.on('query', look);
    await createQuotas(app).add(campaignId, { name: 'North', who: of('US-NY'), goal: 5 });
    app.db.knex.removeListener('query', look);
    assert.equal((await createQuotas(app).ofCampaign(campaignId))[0]!.reached, 2);
    assert.ok(read.length >= 2);
    if (app.db.engine !== 'sqlite') return;
    for (const { sql, bindings } of read) {
      const plan = (await app.db.knex.raw(`explain query plan ${sql}`, [...bindings] as string[])) as { detail: string }[]; // prettier-ignore
      assert.match(plan.map(({ detail }) => detail).join('\n'), /USING (COVERING )?INDEX leads_sold \(campaign_id=\? AND last_disposition_id=\?/); // prettier-ignore
    }
  });

  it('lets them go on as they were once the goal is raised or the quota is gone, as far as the filter lets them', async () => {
    const quotas = createQuotas(app);
    const north = await people('US-NY', 4);
    await app.db.knex('leads').where({ id: north[2] }).update({ state: 'waiting', attempts: 3 });
    await sold(north.slice(0, 1));
    await quotas.add(campaignId, { name: 'North', who: of('US-NY'), goal: 1 });
    await sort();
    assert.deepEqual((await states(north)).slice(1), Array(3).fill(['blocked', 'quota-met']));
    const [quota] = await quotas.ofCampaign(campaignId);
    await quotas.setGoal(campaignId, quota!.id, 2);
    await sort();
    assert.deepEqual((await states(north)).slice(1).map(([state]) => state), ['new', 'waiting', 'new']); // prettier-ignore
    await quotas.setGoal(campaignId, quota!.id, 1);
    await app.db
      .knex('campaigns')
      .where({ id: campaignId })
      .update({
        lead_filter: JSON.stringify({ meet: 'all', conditions: [{ field: 'attempts', operator: 'at-least', values: ['3'] }] }), // prettier-ignore
      });
    await sort();
    assert.ok(await quotas.remove(campaignId, quota!.id));
    await sort();
    assert.deepEqual((await states(north)).slice(1), [['blocked', 'filtered'], ['waiting', null], ['blocked', 'filtered']]); // prettier-ignore
  });

  it('keeps promised callbacks, and who comes back from a call into a quota that was met meanwhile', async () => {
    const quotas = createQuotas(app);
    const north = await people('US-NY', 3);
    await app.db.knex('leads').where({ id: north[1] }).update({ state: 'callback' });
    const leads = createLeadStore(app);
    const now = app.clock.now();
    await leads.reserveOne(north[2]!, 'd', now);
    assert.ok((await leads.toDialing(north[2]!, 'd', now)).moved);
    await sold(north.slice(0, 1));
    await quotas.add(campaignId, { name: 'North', who: of('US-NY'), goal: 1 });
    await sort();
    await leads.finishAttempt(north[2]!, { outcome: 'no-answer', at: now });
    assert.deepEqual((await states(north)).slice(1), [['callback', null], ['blocked', 'quota-met']]); // prettier-ignore
  });
});
