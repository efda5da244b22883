import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { before, it } from 'mocha';
import { createCallbackStore } from '../../../campaigns/callbacks/index.ts';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createImportRelations } from '../../../campaigns/import/import-relations-store.ts';
import { finishCampaigns } from '../../../campaigns/index.ts';
import { createLeadBuilder } from '../../../campaigns/leads/lead-builder.ts';
import { buildJob, createWantedBuilds } from '../../../campaigns/leads/wanted-builds.ts';
import { createLeadFigures } from '../../../campaigns/leads/lead-figures.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { customerFields } from '../../crm/fixtures.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { makeCampaign } from '../fixtures.ts';

onBothEngines('lists on campaigns', (theApp) => {
  let app: TestApp;
  before(() => (app = theApp()));

  async function listOf(count: number, more: number[] = []): Promise<{ listId: number; ids: number[] }> {
    const lists = createListStore(app);
    const listId = await lists.create({ name: `L${count}`, defaultCountry: 'US' }, { userId: 1, now: 1 });
    return app.db.transaction(async (trx) => {
      const people = Array.from({ length: count }, (_, i) => customerFields({ name: `P${i}` }));
      const ids = await createCustomerStore(app).insertMany(people, 1, trx);
      await lists.addMembers(listId, [...ids, ...more], null, trx);
      return { listId, ids };
    });
  }
  const job = (campaignId: number, listId: number, signal = new AbortController().signal) => ({
    id: '1',
    data: { campaignId, listId },
    attempt: 1,
    signal,
    progress: async () => {},
  });

  it('customers become leads once, whoever runs the job how often', async () => {
    const campaignId = await makeCampaign(app);
    const builder = createLeadBuilder(app);
    const first = await listOf(2_100);
    const second = await listOf(3, first.ids.slice(0, 5));
    const campaigns = createCampaignStore(app);
    await campaigns.attachList(campaignId, first.listId, 2);
    await campaigns.attachList(campaignId, second.listId, 7);
    await Promise.all([
      builder.runBuild(job(campaignId, first.listId)),
      builder.runBuild(job(campaignId, first.listId)),
    ]);
    await builder.runBuild(job(campaignId, first.listId));
    await builder.runBuild(job(campaignId, second.listId));
    assert.equal((await createLeadStore(app).countsByState(campaignId)).new, 2_103);
    const priorities: { priority: number; n: number }[] = await app.db
      .knex('leads')
      .where({ campaign_id: campaignId })
      .groupBy('priority')
      .orderBy('priority')
      .select('priority')
      .count({ n: '*' });
    assert.deepEqual(
      priorities.map((row) => [Number(row.priority), Number(row.n)]),
      [
        [2, 2_100],
        [7, 3],
      ],
    );
  });

  it('a list that was taken off by mistake comes back with its retries, and meanwhile nobody of it is recycled', async () => {
    const campaignId = await makeCampaign(app);
    const builder = createLeadBuilder(app);
    const leads = createLeadStore(app);
    const campaigns = createCampaignStore(app);
    const { listId, ids } = await listOf(6);
    await campaigns.attachList(campaignId, listId, 4);
    await builder.runBuild(job(campaignId, listId));
    const of = (customers: number[]) => app.db.knex('leads').where({ campaign_id: campaignId }).whereIn('customer_id', customers); // prettier-ignore
    await of(ids.slice(0, 2)).update({
      state: 'waiting',
      attempts: 2,
      next_at: 777,
      last_outcome: 'no-answer',
    });
    await of(ids.slice(2, 3)).update({ state: 'exhausted', attempts: 5, last_outcome: 'no-answer' });
    await campaigns.detachList(campaignId, listId);
    await builder.runRemove(job(campaignId, listId));
    assert.equal(await leads.recycle(campaignId, { outcomes: ['no-answer'] }, 5), 0);
    await campaigns.attachList(campaignId, listId, 3);
    await builder.runBuild(job(campaignId, listId));
    const rows = (await of(ids).orderBy('customer_id')) as { state: string; attempts: number; next_at: number; priority: number }[]; // prettier-ignore
    assert.deepEqual(
      rows.map(({ state, attempts }) => [state, attempts]),
      [['waiting', 2], ['waiting', 2], ['exhausted', 5], ['new', 0], ['new', 0], ['new', 0]], // prettier-ignore
    );
    assert.deepEqual([rows[0]!.next_at, rows[0]!.priority], [777, 3]);
    assert.equal(await leads.recycle(campaignId, { outcomes: ['no-answer'] }, 5), 1);
  });

  it('recycled leads that the filter leaves out are not due for a moment', async () => {
    const campaignId = await makeCampaign(app, {
      leadFilter: { meet: 'all', conditions: [{ field: 'name', operator: 'is', values: ['P1'] }] },
    });
    const { listId } = await listOf(3);
    await createCampaignStore(app).attachList(campaignId, listId, 4);
    await createLeadBuilder(app).runBuild(job(campaignId, listId));
    const states = async () => (await app.db.knex('leads').where({ campaign_id: campaignId }).orderBy('id')).map(({ state }) => state); // prettier-ignore
    assert.deepEqual(await states(), ['blocked', 'new', 'blocked']);
    await app.db.knex('leads').where({ campaign_id: campaignId }).update({ state: 'done', last_outcome: 'busy' }); // prettier-ignore
    assert.equal(await createLeadStore(app).recycle(campaignId, { outcomes: ['busy'] }, 5), 3);
    assert.deepEqual(await states(), ['blocked', 'waiting', 'blocked']);
  });

  it('a customer whom another list brings in the same moment is a lead once, and the rest still come', async () => {
    const campaignId = await makeCampaign(app);
    const { listId, ids } = await listOf(5);
    await createCampaignStore(app).attachList(campaignId, listId, 2);
    let building: Promise<void> | undefined;
    await app.db.transaction(async (trx) => {
      const stamps = { created_at: 1, updated_at: 1 };
      const lead = {
        campaign_id: campaignId,
        customer_id: ids[2],
        list_id: listId + 1,
        state: 'new',
        ...stamps,
      };
      await trx('leads').insert(lead);
      building = createLeadBuilder(app).runBuild(job(campaignId, listId));
      // Fault: it has looked, has not seen this lead, and inserts it as well. SQLite lets nobody look meanwhile.
      while (app.db.engine === 'mariadb' && !(await waitsForLock())) await pause(150);
    });
    await building;
    assert.equal((await createLeadStore(app).countsByState(campaignId)).new, 5);
    const lead = await app.db.knex('leads').where({ campaign_id: campaignId, customer_id: ids[2] }).first();
    assert.equal(lead.list_id, listId + 1, 'whoever came first keeps the lead');
  });

  /** To be asked rarely: InnoDB renews this table only when nobody has read it for 0.1 s. */
  const waitsForLock = async () => {
    const waiting = { trx_state: 'LOCK WAIT' };
    return (await app.db.knex('information_schema.innodb_trx').where(waiting).first('trx_id')) !== undefined;
  };

  const place = (campaignId: number) => app.db.knex('campaign_lists').where({ campaign_id: campaignId });
  const isBuilt = async (campaignId: number) => (await place(campaignId).first('built_at')).built_at !== null;
  const leadsOf = async (campaignId: number) => (await createLeadStore(app).countsByState(campaignId)).new;
  const queued = async (campaignId: number) =>
    (await app.db.knex('jobs').where({ name: buildJob }).orderBy('created_at').select('id', 'data'))
      .filter(({ data }) => (JSON.parse(data) as { campaignId: number }).campaignId === campaignId)
      .map(({ id }) => id as string);

  it('fault: a list grows while its leads are made – only the job that was begun for the last wish calls it built', async () => {
    const campaignId = await makeCampaign(app);
    const [early] = (await listOf(1)).ids;
    const { listId } = await listOf(2);
    const campaigns = createCampaignStore(app);
    await campaigns.attachList(campaignId, listId, 5);
    await campaigns.transition(campaignId, 'start', 1);
    const builder = createLeadBuilder(app);
    await builder.build(campaignId, listId);
    const [first] = await queued(campaignId);
    // It is past the place of a customer who comes onto the list now.
    const grows = async () => {
      if ((await queued(campaignId)).length > 1) return;
      await app.db.transaction((trx) => createListStore(app).addMembers(listId, [early!], null, trx));
      await builder.build(campaignId, listId);
    };
    await builder.runBuild({ ...job(campaignId, listId), progress: grows });
    assert.equal(await leadsOf(campaignId), 2);
    assert.equal(await isBuilt(campaignId), false, 'somebody is not a lead yet');
    assert.notEqual((await place(campaignId).first('job_id')).job_id, first);
    await app.db.knex('leads').where({ campaign_id: campaignId }).update({ state: 'done' });
    await finishCampaigns(app);
    assert.equal((await campaigns.get(campaignId))!.state, 'running', 'a lead is still to come');
    await builder.runBuild(job(campaignId, listId));
    assert.deepEqual([await leadsOf(campaignId), await isBuilt(campaignId)], [1, true]);
  });

  it('fault: two jobs of one list run at once – each customer is a lead once, and has one turn', async () => {
    const campaignId = await makeCampaign(app);
    const { listId } = await listOf(30);
    await createCampaignStore(app).attachList(campaignId, listId, 5);
    const builder = createLeadBuilder(app);
    await Promise.all([1, 2, 3].map(() => builder.runBuild(job(campaignId, listId))));
    const turns = await app.db.knex('leads').where({ campaign_id: campaignId }).pluck<number[]>('next_at');
    assert.deepEqual([turns.length, new Set(turns).size], [30, 30]);
    const step = Math.max(...turns) - Math.min(...turns);
    assert.equal((await place(campaignId).first('turn')).turn, Math.max(...turns) + step / 29);
  });

  it('fault: the queue takes nothing, forgets its jobs or gives one up – the sweep asks again, and never beside a job that lives', async () => {
    const campaignId = await makeCampaign(app);
    const { listId } = await listOf(2);
    await createCampaignStore(app).attachList(campaignId, listId, 5);
    const { sweep } = createWantedBuilds(app);
    const away = {
      ...app,
      jobs: { ...app.jobs, add: () => Promise.reject(new Error('queue away')) },
    } as never;
    await createLeadBuilder(away).build(campaignId, listId);
    assert.deepEqual(await queued(campaignId), []);
    await sweep();
    const [first] = await queued(campaignId);
    await sweep();
    assert.deepEqual(await queued(campaignId), [first], 'it waits already');
    await app.db.knex('jobs').where({ id: first }).delete();
    await sweep();
    const [second] = await queued(campaignId);
    assert.ok(second && second !== first);
    await app.db.knex('jobs').where({ id: second }).update({ state: 'failed', dedupe_key: null });
    await sweep();
    assert.equal((await queued(campaignId)).length, 2);
    await createLeadBuilder(app).runBuild(job(campaignId, listId));
    await app.db.knex('jobs').where({ name: buildJob }).delete();
    await sweep();
    assert.deepEqual([await queued(campaignId), await leadsOf(campaignId)], [[], 2]);
  });

  it('fault: a job that has ended before its id is known leaves the list built', async () => {
    const campaignId = await makeCampaign(app);
    const { listId } = await listOf(2);
    await createCampaignStore(app).attachList(campaignId, listId, 5);
    const add = async () => {
      await createLeadBuilder(app).runBuild(job(campaignId, listId));
      return '1';
    };
    await createLeadBuilder({ ...app, jobs: { ...app.jobs, add } } as never).build(campaignId, listId);
    const row = await app.db.knex('campaign_lists').where({ campaign_id: campaignId }).first('built_at');
    assert.notEqual(row.built_at, null);
  });

  it('a list that leaves takes those never called with it; what happened stays', async () => {
    const campaignId = await makeCampaign(app);
    const builder = createLeadBuilder(app);
    const leads = createLeadStore(app);
    const { listId, ids } = await listOf(6);
    const campaigns = createCampaignStore(app);
    await campaigns.attachList(campaignId, listId, 5);
    await builder.runBuild(job(campaignId, listId));
    for (const [index, state_reason] of ['DNC_INTERNAL', 'asked-an-agent'].entries())
      await app.db.knex('leads').where({ campaign_id: campaignId, customer_id: ids[4 + index] }).update({ state: 'blocked', state_reason, attempts: 1 }); // prettier-ignore
    const [lead] = await leads.reserve({ campaignId, count: 1, by: 'd', now: 5 });
    await leads.toDialing(lead!.id, 'd', 5);
    await leads.finishAttempt(lead!.id, { outcome: 'busy', at: 6 });
    await campaigns.detachList(campaignId, listId);
    await builder.runRemove(job(campaignId, listId));
    const counts = await leads.countsByState(campaignId);
    assert.deepEqual([counts.new, counts.waiting, counts.done, counts.blocked], [0, 0, 2, 1]);
    assert.equal((await leads.get(lead!.id))!.stateReason, 'list-removed');
    const said = await app.db.knex('leads').where({ campaign_id: campaignId, state: 'blocked' }).first();
    assert.equal(said.state_reason, 'asked-an-agent');
  });

  it('fault: taking a list away breaks off in the middle – each lead has gone through it wholly or not at all, and it goes on', async () => {
    const { campaignId, lists, of } = await leaving();
    const before = await of();
    const { knex } = app.db;
    const fail = ({ sql }: { sql: string }) => {
      if (/^delete from .leads./.test(sql)) throw new Error('the process ended');
    };
    knex.on('query', fail);
    try {
      await assert.rejects(createLeadBuilder(app).runRemove(job(campaignId, lists[0]!)), /the process ended/);
    } finally {
      knex.removeListener('query', fail);
    }
    assert.deepEqual(await of(), before);
    await createLeadBuilder(app).runRemove(job(campaignId, lists[0]!));
    assert.deepEqual(await of(), [['new', lists[1]]]);
  });

  it('fault: a list comes back while its leads are taken away – none of its customers is lost', async () => {
    const { campaignId, lists, of } = await leaving();
    const builder = createLeadBuilder(app);
    let isBack = false;
    await afterEachTransaction(async () => {
      if (isBack) return;
      isBack = true;
      await createCampaignStore(app).attachList(campaignId, lists[0]!, 5);
      await builder.runBuild(job(campaignId, lists[0]!));
    }, () => builder.runRemove(job(campaignId, lists[0]!))); // prettier-ignore
    assert.deepEqual((await of()).map(([state]) => state), ['new', 'new', 'new']); // prettier-ignore
  });

  /** A list that has left with three leads, the first of whose customers is on another list of the campaign. */
  async function leaving() {
    const campaignId = await makeCampaign(app);
    const campaigns = createCampaignStore(app);
    const first = await listOf(3);
    const second = await listOf(1, first.ids.slice(0, 1));
    for (const [index, { listId }] of [first, second].entries())
      await campaigns.attachList(campaignId, listId, 2 + index);
    await createLeadBuilder(app).runBuild(job(campaignId, first.listId));
    await campaigns.detachList(campaignId, first.listId);
    const of = async (): Promise<[string, number][]> =>
      (await app.db.knex('leads').where({ campaign_id: campaignId }).orderBy('id')).map(({ state, list_id }) => [state, list_id]); // prettier-ignore
    return { campaignId, lists: [first.listId, second.listId], of };
  }

  async function afterEachTransaction(then: () => Promise<void>, work: () => Promise<void>): Promise<void> {
    const { db } = app;
    const { transaction } = db;
    Reflect.set(db, 'transaction', async (inside: never) => {
      const done: unknown = await transaction.call(db, inside);
      await then();
      return done;
    });
    try {
      await work();
    } finally {
      Reflect.set(db, 'transaction', transaction);
    }
  }

  it('a list that leaves keeps what happened to leads that were put back to work', async () => {
    const campaignId = await makeCampaign(app);
    const builder = createLeadBuilder(app);
    const leads = createLeadStore(app);
    const { listId } = await listOf(2);
    const campaigns = createCampaignStore(app);
    await campaigns.attachList(campaignId, listId, 5);
    await builder.runBuild(job(campaignId, listId));
    const [lead] = await leads.reserve({ campaignId, count: 1, by: 'd', now: 5 });
    await leads.toDialing(lead!.id, 'd', 5);
    await leads.finishAttempt(lead!.id, { outcome: 'unallocated', at: 6 });
    await app.db.knex('leads').where({ id: lead!.id }).update({ state: 'exhausted' });
    assert.equal(await leads.recycle(campaignId, { outcomes: ['unallocated'] }, 7), 1);
    await campaigns.detachList(campaignId, listId);
    await builder.runRemove(job(campaignId, listId));
    const left = await app.db.knex('leads').where({ campaign_id: campaignId });
    assert.deepEqual(left.map(({ id, state, state_reason }) => [id, state, state_reason]), [[lead!.id, 'done', 'list-removed']]); // prettier-ignore
  });

  it('fault: a list leaves while its customers are in calls – they stay off when the calls end, but for those on another list', async () => {
    const campaignId = await makeCampaign(app);
    const builder = createLeadBuilder(app);
    const leads = createLeadStore(app);
    const campaigns = createCampaignStore(app);
    const { listId, ids } = await listOf(4);
    const other = await listOf(1, ids.slice(3));
    for (const id of [listId, other.listId]) await campaigns.attachList(campaignId, id, 5);
    await builder.runBuild(job(campaignId, listId));
    const held = await Promise.all(ids.map((customerId) => leads.ofCustomer(campaignId, customerId)));
    const [ended, undialled, promised, shared] = held.map((lead) => lead!.id);
    for (const lead of held) {
      assert.ok((await leads.reserveOne(lead!.id, 'd', 5)).moved);
      assert.ok((await leads.toDialing(lead!.id, 'd', 5)).moved);
    }
    await campaigns.detachList(campaignId, listId);
    await builder.runRemove(job(campaignId, listId));
    const outcome = { outcome: 'busy', at: 6 } as const;
    assert.deepEqual(await leads.finishAttempt(ended!, outcome), { moved: true, state: 'done' });
    await leads.undial(undialled!, 'd', 60, 6);
    await leads.finishAttempt(promised!, { ...outcome, outcome: 'answered', callbackAt: 60 });
    await leads.finishAttempt(shared!, outcome);
    const now = await Promise.all([ended!, undialled!, promised!, shared!].map((id) => leads.get(id)));
    assert.deepEqual(
      now.map((lead) => [lead!.state, lead!.stateReason === 'list-removed', lead!.listId]),
      [
        ['done', true, listId],
        ['done', true, listId],
        ['callback', false, listId],
        ['waiting', false, other.listId],
      ],
    );
  });

  it('fault: a list leaves when a promised callback was tried once in vain – the promise stands until it is kept', async () => {
    const campaignId = await makeCampaign(app);
    const builder = createLeadBuilder(app);
    const leads = createLeadStore(app);
    const campaigns = createCampaignStore(app);
    const callbacks = createCallbackStore(app);
    const { listId, ids } = await listOf(2);
    await campaigns.attachList(campaignId, listId, 5);
    await builder.runBuild(job(campaignId, listId));
    const [waits, inCall] = (await Promise.all(ids.map((id) => leads.ofCustomer(campaignId, id)))).map((lead) => lead!.id); // prettier-ignore
    const dial = async (id: number, at: number) => {
      assert.ok((await leads.reserveOne(id, 'd', at)).moved);
      assert.ok((await leads.toDialing(id, 'd', at)).moved);
    };
    const promise = { outcome: 'answered', callbackAt: 60, callbackPhone: null } as const;
    for (const id of [waits!, inCall!]) {
      await dial(id, 5);
      await leads.finishAttempt(id, { ...promise, at: 6 });
      await dial(id, 60);
    }
    await leads.finishAttempt(waits!, { outcome: 'busy', at: 61 });
    assert.equal((await leads.get(waits!))!.state, 'waiting');
    await campaigns.detachList(campaignId, listId);
    await builder.runRemove(job(campaignId, listId));
    assert.deepEqual(await leads.finishAttempt(inCall!, { outcome: 'busy', at: 61 }), { moved: true, state: 'callback' }); // prettier-ignore
    const states = await Promise.all([waits!, inCall!].map(async (id) => (await leads.get(id))!.state));
    assert.deepEqual(states, ['callback', 'callback']);
    assert.equal(await callbacks.countOpen(campaignId), 2);
    for (const id of [waits!, inCall!]) {
      await dial(id, 70);
      assert.deepEqual(await leads.finishAttempt(id, { outcome: 'answered', at: 71 }), { moved: true, state: 'done' }); // prettier-ignore
    }
    assert.equal(await callbacks.countOpen(campaignId), 0);
  });

  it('fault: leads go over to a list that the campaign’s filter leaves out – they are not called from there', async () => {
    const campaignId = await makeCampaign(app);
    const builder = createLeadBuilder(app);
    const leads = createLeadStore(app);
    const campaigns = createCampaignStore(app);
    const first = await listOf(3);
    const other = await listOf(1, first.ids);
    await app.db.knex('lists').where({ id: other.listId }).update({ name: 'Left out' });
    for (const [priority, { listId }] of [first, other].entries()) await campaigns.attachList(campaignId, listId, priority + 1); // prettier-ignore
    const filter = { meet: 'all', conditions: [{ field: 'list', operator: 'is-not', values: ['Left out'] }] };
    await app.db.knex('campaigns').where({ id: campaignId }).update({ lead_filter: JSON.stringify(filter) }); // prettier-ignore
    await builder.runBuild(job(campaignId, first.listId));
    const [removed, undialled, undone] = (await Promise.all(first.ids.map((id) => leads.ofCustomer(campaignId, id)))).map((lead) => lead!.id); // prettier-ignore
    const stands = async (id: number) => {
      const lead = (await leads.get(id))!;
      return [lead.state, lead.stateReason, lead.listId];
    };
    assert.equal((await leads.get(removed!))!.state, 'new');
    // An import is undone: its customer is on the first list no more.
    const undoneCustomer = first.ids[2]!;
    await app.db.knex('list_members').where({ list_id: first.listId, customer_id: undoneCustomer }).delete();
    await app.db.transaction((trx) => createImportRelations(app).removeLeads(first.listId, [undoneCustomer], 7, trx)); // prettier-ignore
    assert.ok((await leads.reserveOne(undialled!, 'd', 5)).moved);
    assert.ok((await leads.toDialing(undialled!, 'd', 5)).moved);
    await campaigns.detachList(campaignId, first.listId);
    await builder.runRemove(job(campaignId, first.listId));
    await leads.undial(undialled!, 'd', 60, 6);
    for (const id of [removed!, undialled!, undone!])
      assert.deepEqual(await stands(id), ['blocked', 'filtered', other.listId]);
  });

  it('who is on another list of the campaign too is called from that one when a list leaves', async () => {
    const campaignId = await makeCampaign(app);
    const builder = createLeadBuilder(app);
    const campaigns = createCampaignStore(app);
    const first = await listOf(3);
    const second = await listOf(1, first.ids.slice(0, 2));
    const elsewhere = await listOf(1, first.ids.slice(2));
    await campaigns.attachList(campaignId, first.listId, 2);
    await campaigns.attachList(campaignId, second.listId, 7);
    await builder.runBuild(job(campaignId, first.listId));
    await builder.runBuild(job(campaignId, second.listId));
    const dialled = { campaign_id: campaignId, customer_id: first.ids[1]! };
    await app.db.knex('leads').where(dialled).update({ state: 'waiting', attempts: 1, next_at: 9 });
    await campaigns.detachList(campaignId, first.listId);
    await builder.runRemove(job(campaignId, first.listId));
    const left = await app.db.knex('leads').where({ campaign_id: campaignId }).orderBy('customer_id').select('customer_id', 'state', 'list_id', 'priority', 'attempts'); // prettier-ignore
    const theirs = { list_id: second.listId, priority: 7 };
    assert.deepEqual(left, [
      { customer_id: first.ids[0], state: 'new', ...theirs, attempts: 0 },
      { customer_id: first.ids[1], state: 'waiting', ...theirs, attempts: 1 },
      { customer_id: second.ids[0], state: 'new', ...theirs, attempts: 0 },
    ]);
    assert.ok(elsewhere.listId, 'a list that has not joined holds nobody');
  });

  it('a running campaign is finished when its last lead is', async () => {
    const campaignId = await makeCampaign(app);
    const leads = createLeadStore(app);
    const campaigns = createCampaignStore(app);
    const { listId } = await listOf(1);
    await campaigns.attachList(campaignId, listId, 5);
    await campaigns.transition(campaignId, 'start', 1);
    await finishCampaigns(app);
    assert.equal((await campaigns.get(campaignId))!.state, 'running');
    await createLeadBuilder(app).runBuild(job(campaignId, listId));
    await finishCampaigns(app);
    assert.equal((await campaigns.get(campaignId))!.state, 'running');
    const [lead] = await leads.reserve({ campaignId, count: 1, by: 'd', now: 5 });
    await leads.block(lead!.id, 'd', 'DNC_INTERNAL', 6);
    await finishCampaigns(app);
    assert.equal((await campaigns.get(campaignId))!.state, 'finished');
  });

  it('a count that takes long is shown again for a while, one that does not is made anew', async () => {
    const campaignId = await makeCampaign(app);
    const { listId } = await listOf(2);
    await createCampaignStore(app).attachList(campaignId, listId, 5);
    // For the first of them every count is a slow one.
    const [slow, fast] = [{ slowMs: 0 }, { slowMs: Infinity }].map((given) => createLeadFigures(app, given));
    assert.deepEqual([(await slow!.countsByState(campaignId)).new, (await fast!.countsByState(campaignId)).new], [0, 0]); // prettier-ignore
    const [one, two] = await Promise.all([slow!.countsByState(campaignId), slow!.countsByState(campaignId)]);
    assert.equal(one, two, 'looks at the same time share a count');
    assert.equal(await fast!.anyOpen(campaignId), false);
    await createLeadBuilder(app).runBuild(job(campaignId, listId));
    assert.equal((await fast!.countsByState(campaignId)).new, 2);
    assert.equal(await fast!.anyOpen(campaignId), true);
  });
});
