import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createLeadBuilder } from '../../../campaigns/leads/lead-builder.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import { createListMix } from '../../../campaigns/leads/list-mix.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { customerFields } from '../../crm/fixtures.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { makeCampaign } from '../fixtures.ts';

onBothEngines('lists of a campaign, mixed by weight', (theApp) => {
  let app: TestApp;
  let campaignId: number;
  let leads: ReturnType<typeof createLeadStore>;
  let now: number;
  before(() => {
    app = theApp();
    leads = createLeadStore(app);
  });
  beforeEach(async () => {
    campaignId = await makeCampaign(app);
    now = app.clock.now();
  });

  let serial = 0;
  async function people(count: number): Promise<number[]> {
    serial += 1;
    return app.db.transaction((trx) =>
      createCustomerStore(app).insertMany(
        Array.from({ length: count }, (_, i) =>
          customerFields({
            phones: [{ e164: `+1212${serial}${String(i).padStart(5, '0')}`, type: 'mobile' }],
          }),
        ),
        1,
        trx,
      ),
    );
  }
  async function grow(listId: number, count: number): Promise<void> {
    const ids = await people(count);
    await app.db.transaction((trx) => createListStore(app).addMembers(listId, ids, null, trx));
    await createLeadBuilder(app).runBuild(job({ campaignId, listId }));
  }
  async function join(count: number, priority = 5, weight = 1): Promise<number> {
    const listId = await createListStore(app).create(
      { name: `L${++serial}`, defaultCountry: 'US' },
      { userId: 1, now: 1 },
    );
    await createCampaignStore(app).attachList(campaignId, listId, priority);
    await app.db
      .knex('campaign_lists')
      .where({ campaign_id: campaignId, list_id: listId })
      .update({ weight });
    await grow(listId, count);
    return listId;
  }
  const job = <T>(data: T, signal = new AbortController().signal) => ({
    ...{ id: '1', data, attempt: 1, signal },
    progress: async () => {},
  });
  const reserved = (count: number) => leads.reserve({ campaignId, count, by: 'd1', now, agentIds: [] });
  /** How many of each list come among the next. */
  async function next(count: number): Promise<Record<number, number>> {
    const counts: Record<number, number> = {};
    for (const { id, listId } of await reserved(count)) {
      counts[listId] = (counts[listId] ?? 0) + 1;
      assert.ok((await leads.toDialing(id, 'd1', now)).moved);
    }
    return counts;
  }
  async function change(places: Record<number, { priority: number; weight: number }>): Promise<void> {
    const mix = createListMix(app);
    const changes = await mix.change(
      campaignId,
      new Map(Object.entries(places).map(([id, place]) => [Number(id), place])),
    );
    for (const { listId, before } of changes)
      await mix.run(job({ campaignId, listId, from: before.priority }));
  }

  it('gives three calls to a list of weight 3 for each of one of weight 1, from the first on, and the rest to who is left', async () => {
    const light = await join(100);
    const heavy = await join(60, 5, 3);
    for (let round = 0; round < 4; round++) {
      const counts = await next(20);
      assert.ok(Math.abs(counts[heavy]! - 15) <= 1, JSON.stringify(counts));
      assert.equal(counts[light]! + counts[heavy]!, 20);
    }
    assert.deepEqual(await next(200), { [light]: 80 });
  });

  it('a list that joins late, or grows, takes its share from then on and neither catches up nor waits', async () => {
    const first = await join(200);
    assert.deepEqual(await next(100), { [first]: 100 });
    const late = await join(40);
    assert.deepEqual(await next(40), { [first]: 20, [late]: 20 });
    assert.deepEqual(await next(200), { [first]: 80, [late]: 20 });
    await grow(late, 50);
    assert.deepEqual(await next(10), { [late]: 10 });
    await grow(first, 50);
    assert.deepEqual(await next(40), { [first]: 20, [late]: 20 });
  });

  it('dials a list first once its priority says so, though the hopper was filled before, and leaves what a dialer holds', async () => {
    const one = await join(80);
    const two = await join(80);
    const held = await reserved(10);
    await change({ [two]: { priority: 2, weight: 1 } });
    assert.deepEqual(await next(80), { [two]: 75, [one]: 5 });
    for (const { id } of held) assert.ok((await leads.toDialing(id, 'd1', now)).moved, 'still held');
  });

  it('changes the mix of what is left, in steps of thousands as well', async () => {
    const one = await join(2_500);
    const two = await join(2_500);
    await change({ [one]: { priority: 5, weight: 9 } });
    const counts = await next(500);
    assert.ok(Math.abs(counts[one]! - 450) <= 3, JSON.stringify(counts));
    await change({ [one]: { priority: 5, weight: 1 }, [two]: { priority: 5, weight: 4 } });
    const after = await next(500);
    assert.ok(Math.abs(after[two]! - 400) <= 3, JSON.stringify(after));
  });

  it('leads with a priority of their own keep it, and those that came one by one go before the list', async () => {
    const list = await join(30);
    const [urgent, own] = await app.db.knex('leads').where({ campaign_id: campaignId }).orderBy('id', 'desc').limit(2).select('id'); // prettier-ignore
    await app.db.knex('leads').where({ id: urgent.id }).update({ next_at: 0 });
    await app.db.knex('leads').where({ id: own.id }).update({ priority: 1 });
    await change({ [list]: { priority: 7, weight: 2 } });
    const priorities: number[] = await app.db
      .knex('leads')
      .where({ campaign_id: campaignId })
      .pluck('priority');
    assert.deepEqual([1, 7].map((priority) => priorities.filter((its) => its === priority).length), [1, 29]); // prettier-ignore
    assert.deepEqual((await reserved(2)).map(({ id }) => id), [own.id, urgent.id]); // prettier-ignore
  });

  it('fault: a version without turns has brought the lists – once weights are given they are mixed by them all the same', async () => {
    const [one, two] = [await join(60), await join(60)];
    await app.db.knex('leads').where({ campaign_id: campaignId }).update({ next_at: 0 });
    await app.db.knex('campaign_lists').where({ campaign_id: campaignId }).update({ turn: 0 });
    await app.db.knex('list_members').whereIn('list_id', [one, two]).update({ import_id: 1 });
    const queued: { listId: number; from: number }[] = [];
    const add = async (_job: string, data: { listId: number; from: number }) => String(queued.push(data));
    const mix = createListMix({ ...app, jobs: { ...app.jobs, add } } as never);
    await mix.change(campaignId, new Map([[one, { priority: 5, weight: 3 }]]));
    for (const { listId, from } of queued) await mix.run(job({ campaignId, listId, from }));
    const counts = await next(40);
    assert.ok(Math.abs(counts[one]! - 30) <= 2, JSON.stringify(counts));
  });

  it('fault: the job is stopped in the middle and starts again – nobody is lost, and the order is whole', async () => {
    const one = await join(4_500);
    const mix = createListMix(app);
    await mix.change(campaignId, new Map([[one, { priority: 3, weight: 2 }]]));
    const stop = new AbortController();
    const publish = app.clock.now;
    let looks = 0;
    // After the first two thousand.
    app.clock.now = () => (++looks > 2 && stop.abort(), publish.call(app.clock));
    try {
      await mix.run(job({ campaignId, listId: one, from: 5 }, stop.signal));
    } finally {
      app.clock.now = publish;
    }
    const at = (priority: number) =>
      app.db.knex('leads').where({ campaign_id: campaignId, priority }).count({ n: '*' }).first();
    assert.ok(Number((await at(5))!.n) > 0, 'it was stopped');
    await mix.run(job({ campaignId, listId: one, from: 5 }));
    assert.equal(Number((await at(3))!.n), 4_500);
    const turns = await app.db
      .knex('leads')
      .where({ campaign_id: campaignId })
      .orderBy('id')
      .pluck('next_at');
    assert.ok(turns.every((turn, place) => place === 0 || turn > turns[place - 1]!));
  });

  it('fault: a list gets another place while its leads still follow the one before – all of them end there', async () => {
    const one = await join(4_500);
    const mix = createListMix(app);
    await mix.change(campaignId, new Map([[one, { priority: 3, weight: 2 }]]));
    const { db } = app;
    const { transaction } = db;
    let steps = 0;
    // After the first two thousand.
    Reflect.set(db, 'transaction', async (inside: never) => {
      const done: unknown = await transaction.call(db, inside);
      steps += 1;
      if (steps !== 2) return done;
      await mix.change(campaignId, new Map([[one, { priority: 7, weight: 2 }]]));
      await mix.run(job({ campaignId, listId: one, from: 3 }));
      return done;
    });
    try {
      await mix.run(job({ campaignId, listId: one, from: 5 }));
    } finally {
      Reflect.set(db, 'transaction', transaction);
    }
    const rows: { priority: number; n: number }[] = await app.db
      .knex('leads')
      .where({ campaign_id: campaignId })
      .groupBy('priority')
      .select('priority')
      .count({ n: '*' });
    assert.deepEqual(rows.map(({ priority, n }) => [priority, Number(n)]), [[7, 4_500]]); // prettier-ignore
  });

  it('fault: the job breaks off between moving leads and lining them up – they stand where they stood', async () => {
    const one = await join(50);
    await createListMix(app).change(campaignId, new Map([[one, { priority: 3, weight: 2 }]]));
    const fail = ({ sql }: { sql: string }) => {
      if (/^update .leads. set .next_at./.test(sql)) throw new Error('the process ended');
    };
    app.db.knex.on('query', fail);
    const mix = createListMix(app);
    const run = () => mix.run(job({ campaignId, listId: one, from: 5 }));
    try {
      await assert.rejects(run(), /the process ended/);
    } finally {
      app.db.knex.removeListener('query', fail);
    }
    const at = async (priority: number) =>
      Number((await app.db.knex('leads').where({ campaign_id: campaignId, priority }).count({ n: '*' }).first())!.n); // prettier-ignore
    assert.equal(await at(5), 50);
    await run();
    assert.equal(await at(3), 50);
  });
});
