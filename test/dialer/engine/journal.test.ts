import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createAgentStore } from '../../../dialer/agents/agent-store.ts';
import { LiveAgents } from '../../../dialer/engine/live-agents.ts';
import { createUnwrittenStore } from '../../../dialer/unwritten/index.ts';
import { eventually } from '../../support/eventually.ts';
import { given, terms, JournalRig } from './journal-rig.ts';

describe('journal', () => {
  const rig = new JournalRig();

  it('writes each transition with its row, and tells the bus afterwards', async () => {
    const told: unknown[] = [];
    rig.app.bus.subscribe('call.transition', (payload) => told.push(payload));
    const live = rig.create('c1');
    rig.calls.apply(live, { type: 'dial', trunkId: 4, callerId: '+1' });
    rig.calls.apply(live, { type: 'end', reported: 'busy', by: 'customer', cause: 17, graceMs: 0 });
    assert.equal(told.length, 0);
    await rig.journal.flushed();
    await new Promise(setImmediate);
    assert.equal(told.length, 3);
    assert.deepEqual(await rig.events('c1'), [
      'null create created',
      'created dial dialing',
      'dialing end ended',
    ]);
    const row = await rig.call('c1');
    assert.deepEqual(row, live.call);
  });

  it('fault: database gone – keeps transitions in order, says so, and writes them when it is back', async () => {
    rig.store.away = true;
    const lives = ['c1', 'c2', 'c3'].map((id) => rig.create(id));
    for (const live of lives) rig.calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    await eventually(() => assert.equal(rig.journal.healthy, false));
    assert.equal(rig.journal.healthy, false);
    assert.equal(rig.journal.pending, 6);
    for (const live of lives)
      rig.calls.apply(live, { type: 'end', reported: 'no-answer', by: 'customer', cause: 19, graceMs: 0 });
    rig.store.away = false;
    await rig.journal.flushed();
    assert.equal(rig.journal.healthy, true);
    for (const { call } of lives)
      assert.deepEqual(await rig.events(call.id), [
        'null create created',
        'created dial dialing',
        'dialing end ended',
      ]);
  });

  it('fault: the connection dies after a commit, before its answer – no event is written twice', async () => {
    const live = rig.create('c1');
    await rig.journal.flushed();
    rig.store.losesAnswer = true;
    rig.calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    rig.calls.apply(live, { type: 'end', reported: 'busy', by: 'customer', cause: 17, graceMs: 0 });
    await rig.journal.flushed();
    assert.equal(rig.store.losesAnswer, false);
    assert.deepEqual(await rig.events('c1'), [
      'null create created',
      'created dial dialing',
      'dialing end ended',
    ]);
    assert.equal((await rig.call('c1'))?.state, 'ended');
  });

  it('fault: the database answers and takes no writes – says so, keeps all, and writes it when it does', async () => {
    const live = rig.create('c1');
    await rig.journal.flushed();
    await rig.app.db.knex.raw('pragma query_only = 1');
    rig.calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    await eventually(() => assert.equal(rig.journal.healthy, false));
    assert.equal(rig.journal.healthy, false);
    rig.calls.apply(live, { type: 'end', reported: 'busy', by: 'customer', cause: 17, graceMs: 0 });
    await rig.app.db.knex.raw('pragma query_only = 0');
    await rig.journal.flushed();
    assert.equal(rig.journal.healthy, true);
    assert.deepEqual(await rig.events('c1'), [
      'null create created',
      'created dial dialing',
      'dialing end ended',
    ]);
    assert.deepEqual(await rig.call('c1'), live.call);
  });

  it('fault: the database answers and lets no transaction through – nothing is left out', async () => {
    rig.store.shut = true;
    const live = rig.create('c1');
    await eventually(() => assert.equal(rig.journal.healthy, false));
    assert.deepEqual([rig.journal.healthy, rig.journal.pending], [false, 1]);
    rig.store.shut = false;
    await rig.journal.flushed();
    assert.deepEqual(await rig.call('c1'), live.call);
  });

  it('fault: the connection dies after a commit, before its answer – what may happen twice to a call is not told twice', async () => {
    const live = rig.create('c1');
    rig.calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    rig.calls.apply(live, { type: 'answer' });
    rig.calls.apply(live, { type: 'connect', userId: 1, graceMs: 0 });
    await rig.journal.flushed();
    rig.store.losesAnswer = true;
    rig.calls.apply(live, { type: 'hold' });
    rig.calls.apply(live, { type: 'resume' });
    await rig.journal.flushed();
    assert.deepEqual((await rig.events('c1')).slice(-2), ['connected hold held', 'held resume connected']);
  });

  it('fault: one transition is refused for good – those after it are written all the same', async () => {
    const agents = new LiveAgents(rig.app, {
      store: createAgentStore(rig.app),
      journal: rig.journal,
      dialerId: 'd1',
    });
    for (const [table, event] of [
      ['call_events', 'dial'],
      ['agent_events', 'phone-ringing'],
    ])
      await rig.app.db.knex.raw(
        `create trigger refuses_${table} before insert on ${table} when new.event = '${event}'
         begin select raise(abort, 'refused'); end`,
      );
    const live = rig.create('c1');
    const agent = agents.of(7);
    agents.apply(agent, { type: 'sign-in', legMode: 'nailed' });
    await rig.journal.flushed();
    rig.calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    agents.apply(agent, { type: 'phone-ringing', channelId: 'leg' });
    await rig.journal.flushed();
    rig.calls.apply(live, { type: 'ringing' });
    agents.apply(agent, { type: 'phone-up' });
    await rig.journal.flushed();
    assert.deepEqual(await rig.call('c1'), live.call);
    assert.deepEqual(await createAgentStore(rig.app).heldBy('d1'), [agent.agent]);
    assert.deepEqual(await rig.events('c1'), ['null create created', 'dialing ringing ringing']);
  });

  it('fault: one row does not fit – leaves it out and writes the others', async () => {
    await rig.app.db.knex.raw(`create trigger refuses before insert on calls when new.id = 'c2' begin select raise(abort, 'refused'); end`); // prettier-ignore
    for (const id of ['c1', 'c2', 'c3']) rig.create(id);
    await rig.journal.flushed();
    assert.deepEqual(await rig.app.db.knex('calls').orderBy('id').pluck('id'), ['c1', 'c3']);
  });

  it('fault: an entry fails and nobody says why – it is tried for a while, and then leaves the way to the others', async () => {
    const hasty = rig.another({ retryMs: 1, triesUnexplained: 3 });
    const others = rig.callsOf(hasty);
    let tries = 0;
    const write = () => Promise.reject(new Error(`unnamed ${++tries}`));
    hasty.append({ subject: 'a fault', write, isLacking: () => Promise.resolve(false), eventTable: 'call_events', event: {}, written() {} }); // prettier-ignore
    const { call } = others.create(given('c1'), terms);
    await hasty.flushed();
    assert.deepEqual([tries, await rig.call('c1')], [4, call]);
    const [aside] = await createUnwrittenStore(rig.app).all();
    assert.deepEqual([aside?.subject, aside?.error], ['a fault', 'Error: unnamed 4']);
    await hasty.close();
  });

  it('fault: more has happened than there is room for while the database is away – says so until there is room again, and loses nothing', async () => {
    const small = rig.another({ retryMs: 5, room: 3 });
    const others = rig.callsOf(small);
    const ids = Array.from({ length: 250 }, (_, n) => `k${n}`);
    rig.store.away = true;
    const rooms = ids.map((id) => (others.create(given(id), terms), small.hasRoom));
    assert.deepEqual(rooms.slice(0, 4), [true, true, false, false]);
    assert.deepEqual([small.pending, small.healthy], [250, false]);
    rig.store.away = false;
    await small.flushed();
    assert.deepEqual([small.hasRoom, small.healthy], [true, true]);
    const written = await rig.app.db.knex('call_events').orderBy('id').pluck('call_id');
    assert.deepEqual(written, ids);
    await small.close();
  });

  it('writes an agent’s session and reads it back as it was', async () => {
    const agents = new LiveAgents(rig.app, {
      store: createAgentStore(rig.app),
      journal: rig.journal,
      dialerId: 'd1',
    });
    const live = agents.of(7);
    agents.apply(live, { type: 'sign-in', legMode: 'nailed' });
    agents.apply(live, { type: 'phone-ringing', channelId: 'leg' });
    agents.apply(live, { type: 'phone-up' });
    agents.apply(live, { type: 'ready' });
    agents.apply(live, { type: 'reserve', callId: 'c1', campaignId: 3 });
    agents.apply(live, { type: 'pause', pauseCodeId: 2 });
    await rig.journal.flushed();
    assert.deepEqual(await createAgentStore(rig.app).heldBy('d1'), [live.agent]);
    const rows = await rig.app.db.knex('agent_events').orderBy('id').select('event', 'to_state');
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
