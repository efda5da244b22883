import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Campaign } from '../../../campaigns/index.ts';
import type { Database } from '../../../core/database/database.ts';
import { createCallStore } from '../../../dialer/calls/call-store.ts';
import { createAgentStore } from '../../../dialer/agents/agent-store.ts';
import { Journal } from '../../../dialer/engine/journal.ts';
import { createUnwrittenStore } from '../../../dialer/unwritten/index.ts';
import { LiveAgents } from '../../../dialer/engine/live-agents.ts';
import { LiveCalls, type CallTerms } from '../../../dialer/engine/live-calls.ts';
import type { NewCall } from '../../../dialer/calls/call.ts';
import { eventually } from '../../support/eventually.ts';
import { testApp, type TestApp } from '../../support/app.ts';

/**
 * A database that can be taken away: every transaction and ping fails until it is given back. While it is `shut` it
 * answers, and the connection of each transaction is given up.
 */
function removable(db: Database): { db: Database; away: boolean; shut: boolean; losesAnswer: boolean } {
  const state = { db, away: false, shut: false, losesAnswer: false };
  const closed = () => Promise.reject(Object.assign(new Error('in closed state'), { fatal: true }));
  const gone = () =>
    Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  state.db = new Proxy(db, {
    get(target, key) {
      if (state.away && (key === 'transaction' || key === 'ping')) return gone;
      if (state.shut && key === 'transaction') return closed;
      if (state.losesAnswer && key === 'transaction')
        return async (...given: Parameters<Database['transaction']>) => {
          state.losesAnswer = false;
          await target.transaction(...given);
          return gone();
        };
      const value = Reflect.get(target, key) as unknown;
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  return state;
}

describe('journal', () => {
  let app: TestApp;
  let journal: Journal;
  let store: ReturnType<typeof removable>;
  let calls: LiveCalls;

  beforeEach(async () => {
    app = await testApp();
    store = removable(app.db);
    journal = new Journal({ ...app, db: store.db }, { retryMs: 5 });
    calls = new LiveCalls(app, { store: createCallStore(app), journal, dialerId: 'd1' });
  });
  afterEach(async () => {
    await journal.close();
    await app.close();
  });

  const given = (id: string): NewCall => ({
    id,
    direction: 'out',
    path: 'predictive',
    campaignId: 1,
    leadId: 1,
    customerId: 1,
    e164: '+14155550100',
    attempt: 1,
  });
  const terms: CallTerms = { campaign: { id: 1 } as Campaign, trunkIds: [1] };
  const create = (id: string) => calls.create(given(id), terms);
  const events = async (id: string) =>
    (await app.db.knex('call_events').where({ call_id: id }).orderBy('id')).map(
      (row: { from_state: string | null; event: string; to_state: string }) =>
        `${row.from_state} ${row.event} ${row.to_state}`,
    );

  it('writes each transition with its row, and tells the bus afterwards', async () => {
    const told: unknown[] = [];
    app.bus.subscribe('call.transition', (payload) => told.push(payload));
    const live = create('c1');
    calls.apply(live, { type: 'dial', trunkId: 4, callerId: '+1' });
    calls.apply(live, { type: 'end', reported: 'busy', by: 'customer', cause: 17, graceMs: 0 });
    assert.equal(told.length, 0);
    await journal.flushed();
    await new Promise(setImmediate);
    assert.equal(told.length, 3);
    assert.deepEqual(await events('c1'), [
      'null create created',
      'created dial dialing',
      'dialing end ended',
    ]);
    const row = await createCallStore(app).get('c1');
    assert.deepEqual(row, live.call);
  });

  it('fault: database gone – keeps transitions in order, says so, and writes them when it is back', async () => {
    store.away = true;
    const lives = ['c1', 'c2', 'c3'].map(create);
    for (const live of lives) calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    await eventually(() => assert.equal(journal.healthy, false));
    assert.equal(journal.healthy, false);
    assert.equal(journal.pending, 6);
    for (const live of lives)
      calls.apply(live, { type: 'end', reported: 'no-answer', by: 'customer', cause: 19, graceMs: 0 });
    store.away = false;
    await journal.flushed();
    assert.equal(journal.healthy, true);
    for (const { call } of lives)
      assert.deepEqual(await events(call.id), [
        'null create created',
        'created dial dialing',
        'dialing end ended',
      ]);
  });

  it('fault: the connection dies after a commit, before its answer – no event is written twice', async () => {
    const live = create('c1');
    await journal.flushed();
    store.losesAnswer = true;
    calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    calls.apply(live, { type: 'end', reported: 'busy', by: 'customer', cause: 17, graceMs: 0 });
    await journal.flushed();
    assert.equal(store.losesAnswer, false);
    assert.deepEqual(await events('c1'), [
      'null create created',
      'created dial dialing',
      'dialing end ended',
    ]);
    assert.equal((await createCallStore(app).get('c1'))?.state, 'ended');
  });

  it('fault: the database answers and takes no writes – says so, keeps all, and writes it when it does', async () => {
    const live = create('c1');
    await journal.flushed();
    await app.db.knex.raw('pragma query_only = 1');
    calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    await eventually(() => assert.equal(journal.healthy, false));
    assert.equal(journal.healthy, false);
    calls.apply(live, { type: 'end', reported: 'busy', by: 'customer', cause: 17, graceMs: 0 });
    await app.db.knex.raw('pragma query_only = 0');
    await journal.flushed();
    assert.equal(journal.healthy, true);
    assert.deepEqual(await events('c1'), [
      'null create created',
      'created dial dialing',
      'dialing end ended',
    ]);
    assert.deepEqual(await createCallStore(app).get('c1'), live.call);
  });

  it('fault: the database answers and lets no transaction through – nothing is left out', async () => {
    store.shut = true;
    const live = create('c1');
    await eventually(() => assert.equal(journal.healthy, false));
    assert.deepEqual([journal.healthy, journal.pending], [false, 1]);
    store.shut = false;
    await journal.flushed();
    assert.deepEqual(await createCallStore(app).get('c1'), live.call);
  });

  it('fault: the connection dies after a commit, before its answer – what may happen twice to a call is not told twice', async () => {
    const live = create('c1');
    calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    calls.apply(live, { type: 'answer' });
    calls.apply(live, { type: 'connect', userId: 1, graceMs: 0 });
    await journal.flushed();
    store.losesAnswer = true;
    calls.apply(live, { type: 'hold' });
    calls.apply(live, { type: 'resume' });
    await journal.flushed();
    assert.deepEqual((await events('c1')).slice(-2), ['connected hold held', 'held resume connected']);
  });

  it('fault: one transition is refused for good – those after it are written all the same', async () => {
    const agents = new LiveAgents(app, { store: createAgentStore(app), journal, dialerId: 'd1' });
    for (const [table, event] of [
      ['call_events', 'dial'],
      ['agent_events', 'phone-ringing'],
    ])
      await app.db.knex.raw(
        `create trigger refuses_${table} before insert on ${table} when new.event = '${event}'
         begin select raise(abort, 'refused'); end`,
      );
    const live = create('c1');
    const agent = agents.of(7);
    agents.apply(agent, { type: 'sign-in', legMode: 'nailed' });
    await journal.flushed();
    calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    agents.apply(agent, { type: 'phone-ringing', channelId: 'leg' });
    await journal.flushed();
    calls.apply(live, { type: 'ringing' });
    agents.apply(agent, { type: 'phone-up' });
    await journal.flushed();
    assert.deepEqual(await createCallStore(app).get('c1'), live.call);
    assert.deepEqual(await createAgentStore(app).heldBy('d1'), [agent.agent]);
    assert.deepEqual(await events('c1'), ['null create created', 'dialing ringing ringing']);
  });

  it('fault: one row does not fit – leaves it out and writes the others', async () => {
    await app.db.knex.raw(`create trigger refuses before insert on calls when new.id = 'c2' begin select raise(abort, 'refused'); end`); // prettier-ignore
    for (const id of ['c1', 'c2', 'c3']) create(id);
    await journal.flushed();
    assert.deepEqual(await app.db.knex('calls').orderBy('id').pluck('id'), ['c1', 'c3']);
  });

  it('fault: an entry fails and nobody says why – it is tried for a while, and then leaves the way to the others', async () => {
    const hasty = new Journal({ ...app, db: store.db }, { retryMs: 1, triesUnexplained: 3 });
    const others = new LiveCalls(app, { store: createCallStore(app), journal: hasty, dialerId: 'd1' });
    let tries = 0;
    const write = () => Promise.reject(new Error(`unnamed ${++tries}`));
    hasty.append({ subject: 'a fault', write, isLacking: () => Promise.resolve(false), eventTable: 'call_events', event: {}, written() {} }); // prettier-ignore
    const { call } = others.create(given('c1'), terms);
    await hasty.flushed();
    assert.deepEqual([tries, await createCallStore(app).get('c1')], [4, call]);
    const [aside] = await createUnwrittenStore(app).all();
    assert.deepEqual([aside?.subject, aside?.error], ['a fault', 'Error: unnamed 4']);
    await hasty.close();
  });

  it('does not grow without bound', async () => {
    const small = new Journal({ ...app, db: store.db }, { retryMs: 5, capacity: 3 });
    const others = new LiveCalls(app, { store: createCallStore(app), journal: small, dialerId: 'd1' });
    store.away = true;
    for (let n = 0; n < 5; n++) others.create(given(`k${n}`), terms);
    assert.equal(small.pending, 3);
    store.away = false;
    await small.close();
  });

  it('writes an agent’s session and reads it back as it was', async () => {
    const agents = new LiveAgents(app, { store: createAgentStore(app), journal, dialerId: 'd1' });
    const live = agents.of(7);
    agents.apply(live, { type: 'sign-in', legMode: 'nailed' });
    agents.apply(live, { type: 'phone-ringing', channelId: 'leg' });
    agents.apply(live, { type: 'phone-up' });
    agents.apply(live, { type: 'ready' });
    agents.apply(live, { type: 'reserve', callId: 'c1', campaignId: 3 });
    agents.apply(live, { type: 'pause', pauseCodeId: 2 });
    await journal.flushed();
    assert.deepEqual(await createAgentStore(app).heldBy('d1'), [live.agent]);
    const rows = await app.db.knex('agent_events').orderBy('id').select('event', 'to_state');
    assert.deepEqual(
      rows.map((row: { event: string; to_state: string }) => `${row.event} ${row.to_state}`),
      [
        'sign-in paused',
        'phone-ringing paused',
        'phone-up paused',
        'ready ready',
        'reserve reserved',
        'pause reserved',
      ],
    );
  });
});
