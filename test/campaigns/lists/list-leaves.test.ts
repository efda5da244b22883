import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { createCallbackStore } from '../../../campaigns/callbacks/index.ts';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createImportRelations } from '../../../campaigns/import/import-relations-store.ts';
import { createLeadBuilder } from '../../../campaigns/leads/lead-builder.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { makeCampaign } from '../fixtures.ts';
import { job, listOf } from './fixtures.ts';

onBothEngines('lists that leave campaigns', (theApp) => {
  let app: TestApp;
  before(() => (app = theApp()));

  it('a list that leaves takes those never called with it; what happened stays', async () => {
    const campaignId = await makeCampaign(app);
    const builder = createLeadBuilder(app);
    const leads = createLeadStore(app);
    const { listId, ids } = await listOf(app, 6);
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
    const first = await listOf(app, 3);
    const second = await listOf(app, 1, first.ids.slice(0, 1));
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
    const { listId } = await listOf(app, 2);
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
    const { listId, ids } = await listOf(app, 4);
    const other = await listOf(app, 1, ids.slice(3));
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
    const { listId, ids } = await listOf(app, 2);
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
    const first = await listOf(app, 3);
    const other = await listOf(app, 1, first.ids);
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
    const first = await listOf(app, 3);
    const second = await listOf(app, 1, first.ids.slice(0, 2));
    const elsewhere = await listOf(app, 1, first.ids.slice(2));
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
});
