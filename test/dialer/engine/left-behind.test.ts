import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { createAbandonmentCounter } from '../../../campaigns/compliance/abandonment-counter.ts';
import { abandonRate } from '../../../campaigns/compliance/index.ts';
import { advanceCall, newCall, type Call, type CallEvent } from '../../../dialer/calls/call.ts';
import { createCallStore } from '../../../dialer/calls/call-store.ts';
import { createOptOutStore } from '../../../dialer/calls/opt-out-store.ts';
import { createCellStore } from '../../../dialer/cells/cell-store.ts';
import { beatMs, goneMs, ringingCertainMs, talkCertainMs } from '../../../dialer/cells/cell.ts';
import { Heartbeat } from '../../../dialer/cells/heartbeat.ts';
import { createRecordingStore } from '../../../dialer/recordings/recording-store.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { eventually } from '../../support/eventually.ts';
import { mariadb } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';
import { tcpProxy } from '../../support/tcp-proxy.ts';

const minute = 60_000;
const graceMs = 2_000;
const noAnswer = '+14155550104';

describe('what a dialer that is gone has left in calls', () => {
  let rig: DialerRig;
  let campaignId: number;
  let ann: number;
  let diedAt: number;

  beforeEach(async () => {
    rig = await dialerRig({ app: await testApp({ config: { dialerId: 'east' } }) });
    ann = await rig.agent('ann');
    campaignId = await rig.campaign({ numbers: [], agentIds: [ann], answerGraceMs: graceMs });
    diedAt = rig.app.clock.now();
    await createCellStore(rig.app).begin({ id: 'west', run: 'r1', switchUrl: null }, diedAt);
  });
  afterEach(() => rig.close());

  const answer: CallEvent[] = [
    { type: 'dial', trunkId: 1, callerId: null },
    { type: 'ringing' },
    { type: 'answer' },
  ];
  const detect: CallEvent[] = [...answer.slice(0, 2), { type: 'detect' }];
  const connect: CallEvent = { type: 'connect', userId: 1, graceMs };
  /** A call of the dead dialer that has gone through these events, a second each, and been in the last state since. */
  const left = async (id: string, events: readonly CallEvent[], given: Partial<Call> = {}): Promise<void> => {
    const { db } = rig.app;
    let at = diedAt - events.length * 1_000;
    let call: Call = newCall(
      { id, direction: 'out', path: 'predictive', campaignId, leadId: null, customerId: null, e164: noAnswer, attempt: 1, ...given }, // prettier-ignore
      at,
    );
    for (const event of events) {
      const result = advanceCall(call, event, (at += 1_000));
      assert.ok(result.ok);
      call = result.call;
    }
    await db.transaction((trx) => createCallStore(rig.app).insert(call, 'west', trx));
  };
  const row = (id: string) => rig.app.db.knex('calls').where({ id }).first();
  const ended = (id: string, ms: number) =>
    rig.until(`${id} has ended`, async () => ((await row(id)).state === 'ended' ? row(id) : null), ms, 5_000);

  it('fault: it died with people waiting, listened to and hearing the message, and one’s wish to be called no more not on the list – it is, and each is an abandoned call in the rate minutes later', async () => {
    await left('waits', answer);
    await left('detects', detect);
    await left('announces', [...answer, { type: 'announce', reason: 'no-agent' }]);
    const pressed = { callId: 'pressed', e164: noAnswer, at: diedAt };
    await rig.app.db.transaction((trx) => createOptOutStore(rig.app).keep(pressed, 'west', trx));
    await rig.dialer.start();
    for (const id of ['waits', 'detects', 'announces']) {
      const { outcome, abandoned_at, ended_at } = await ended(id, ringingCertainMs + 2 * minute);
      assert.deepEqual([outcome, ended_at], ['abandoned', diedAt]);
      assert.equal(abandoned_at, diedAt);
    }
    const counts = await createAbandonmentCounter(rig.app).of(campaignId, 30 * 86_400_000, rig.app.clock.now()); // prettier-ignore
    assert.deepEqual(counts, { abandoned: 3, connected: 0 });
    const listed = await rig.app.db.knex('dnc_numbers').select('e164', 'source', 'added_at');
    assert.deepEqual(listed, [{ e164: noAnswer, source: 'customer', added_at: diedAt }]);
    assert.equal(abandonRate(counts), 1);
  });

  it('fault: it died in a trunk’s test call that was picked up – nobody was abandoned', async () => {
    await left('test', answer, { path: 'manual', campaignId: null });
    await rig.dialer.start();
    const { outcome, abandoned_at, ended_at } = await ended('test', ringingCertainMs + 2 * minute);
    assert.deepEqual([outcome, abandoned_at, ended_at], ['hung-up', null, diedAt]);
  });

  it('fault: the list refuses for a while whom it left – its heir counts it as cleared when that is done, so that another would find it', async () => {
    const { knex } = rig.app.db;
    await knex.raw(
      `create trigger refuses before insert on dnc_numbers begin select raise(abort, 'refused'); end`,
    );
    const pressed = { callId: 'pressed', e164: noAnswer, at: diedAt };
    await rig.app.db.transaction((trx) => createOptOutStore(rig.app).keep(pressed, 'west', trx));
    await rig.dialer.start();
    const west = () => knex('dialers').where({ id: 'west' }).first();
    const inherited = async () => (await west()).heir === 'east';
    await rig.until('it has an heir', inherited, 3 * goneMs, 1_000);
    await rig.pass(2 * beatMs);
    await rig.dialer.settled();
    assert.deepEqual([(await west()).cleared_at, (await knex('opt_outs')).length], [null, 1]);
    await knex.raw('drop trigger refuses');
    await rig.until('it is cleared', async () => (await west()).cleared_at !== null, 5 * minute, 1_000);
    assert.deepEqual([(await knex('dnc_numbers')).length, (await knex('opt_outs')).length], [1, 0]);
  });

  it('fault: it died in a talk – the talk ends with its last sign of life, and the call stays its own', async () => {
    await left('talks', [...answer, connect]);
    await createRecordingStore(rig.app).started('talks', 'talks', diedAt);
    await rig.dialer.start();
    rig.app.clock.advance(2 * ringingCertainMs);
    await rig.pass(2 * beatMs);
    assert.equal((await row('talks')).state, 'connected', 'the talk may go on at its switch');
    rig.app.clock.advance(talkCertainMs - 2 * ringingCertainMs);
    const call = await ended('talks', 5 * minute);
    assert.deepEqual([call.outcome, call.ended_at], ['answered', diedAt]);
    assert.equal(call.dialer_id, 'west', 'its recording is fetched where its switch is');
    const event = await rig.app.db.knex('call_events').where({ call_id: 'talks', event: 'end' }).first();
    assert.equal(event.at, diedAt);
    const held = await createRecordingStore(rig.app).unfinished('east', rig.app.clock.now());
    assert.deepEqual(held, [], 'the survivor does not ask its own switch for the recording');
  });

  it('fault: it died with an agent in a talk – the agent’s time on the call ends with its last sign of life', async () => {
    const { knex } = rig.app.db;
    await left('talks', [...answer, connect]);
    await knex('agent_sessions').insert({
      ...{ user_id: ann, state: 'on-call', since: diedAt - 5_000, call_id: 'talks', campaign_id: campaignId },
      ...{ phone: 'up', dialer_id: 'west', signed_in_at: diedAt - minute, revision: 7 },
    });
    await rig.dialer.start();
    rig.app.clock.advance(talkCertainMs);
    await ended('talks', 5 * minute);
    const event = await rig.until('signed out', () =>
      knex('agent_events').where({ user_id: ann, event: 'dialer-gone' }).first(),
    );
    assert.equal(event.at, diedAt);
  });

  it('fault: the outage lasts longer than any hour is thought to be open – the abandoned call is counted all the same', async () => {
    await left('waits', answer);
    const counter = createAbandonmentCounter(rig.app);
    const count = () => counter.of(campaignId, 30 * 86_400_000, rig.app.clock.now());
    rig.app.clock.advance(8 * 3_600_000);
    assert.deepEqual(await count(), { abandoned: 0, connected: 0 });
    await rig.dialer.start();
    await ended('waits', 5 * minute);
    assert.deepEqual(await count(), { abandoned: 1, connected: 0 });
  });
});

describe('the heartbeat', () => {
  it('fault: tidying up after another takes minutes – this dialer still shows that it lives, and tidies once', async () => {
    const app = await testApp();
    const store = createCellStore(app);
    await store.begin({ id: 'west', run: 'r1', switchUrl: null }, app.clock.now() - goneMs);
    let tidied = 0;
    let finish = () => {};
    const tidying = new Promise<void>((resolve) => (finish = resolve));
    const heartbeat = new Heartbeat(app, {
      ...{ dialerId: 'east', store, aliveNow: () => {}, superseded: () => assert.fail('superseded') },
      bereaved: () => {
        tidied += 1;
        return tidying;
      },
    });
    await heartbeat.begin();
    const end = app.clock.now() + 3 * goneMs;
    while (app.clock.now() < end) {
      app.clock.advance(beatMs);
      await eventually(async () => {
        const east = (await store.all()).find(({ id }) => id === 'east')!;
        assert.ok(app.clock.now() - east.seenAt <= 2 * beatMs, 'it counts as alive');
      });
    }
    assert.equal(tidied, 1);
    finish();
    await heartbeat.end();
    await app.close();
  });

  it('fault: the database is away for some beats – it is told once that it is back', async () => {
    const app = await testApp();
    const store = createCellStore(app);
    let away = false;
    let back = 0;
    let tried = 0;
    const heartbeat = new Heartbeat(app, {
      ...{ dialerId: 'east', aliveNow: () => {}, superseded: () => assert.fail('superseded') },
      bereaved: () => Promise.resolve(),
      back: () => (back += 1),
      store: {
        ...store,
        beat: async (...given) => {
          tried += 1;
          if (away) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
          return store.beat(...given);
        },
      },
    });
    await heartbeat.begin();
    const beat = async () => {
      const before = tried;
      app.clock.advance(beatMs);
      await eventually(() => assert.equal(tried, before + 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await beat();
    away = true;
    await beat();
    await beat();
    away = false;
    assert.equal(back, 0);
    await beat();
    await eventually(() => assert.equal(back, 1));
    await beat();
    await heartbeat.end();
    assert.equal(back, 1);
    await app.close();
  });

  /** A dialer's heartbeat by a clock of its own. */
  const beating = (app: TestApp, dialerId: string, startedAt: number, bereaved: string[]) => {
    const store = createCellStore(app);
    const clock = new ManualClock(startedAt);
    let peers: readonly string[] = [];
    let refused = 0;
    let looked = 0;
    const log = { ...app.log, warn: () => (refused += 1) } as unknown as typeof app.log;
    const heartbeat = new Heartbeat(
      { clock, log, config: app.config },
      {
        ...{ dialerId, store, superseded: () => assert.fail('superseded') },
        aliveNow: (alive) => {
          peers = alive.map(({ id }) => id);
          looked += 1;
        },
        bereaved: async (cell) => void bereaved.push(`${dialerId} of ${cell.id}`),
      },
    );
    /** One beat, and what it sees. */
    const beat = async () => {
      const before = looked;
      // One that falls due while the one before still looks around is left out.
      await new Promise(setImmediate);
      clock.advance(beatMs);
      await eventually(() => assert.ok(looked > before, `${dialerId} has not beaten`));
    };
    return { clock, heartbeat, beat, peers: () => peers, refused: () => refused };
  };

  it('fault: the database of all is away for longer than a dialer counts as silent – who beats first when it is back takes none of the others for gone, and one that stays silent after that is', async function () {
    this.timeout(120_000);
    const server = await mariadb();
    if (!server) skip(this, 'MariaDB is not installed');
    const address = new URL(await server.createDatabase());
    const door = await tcpProxy(Number(address.port));
    address.port = String(door.port);
    const app = await testApp({ config: { databaseUrl: address.toString() } });
    const bereaved: string[] = [];
    const [east, west] = ['east', 'west'].map((id) => beating(app, id, app.clock.now(), bereaved)) as [
      ReturnType<typeof beating>,
      ReturnType<typeof beating>,
    ];
    try {
      await east.heartbeat.begin();
      await west.heartbeat.begin();
      for (let n = 0; n < 3; n++) for (const each of [east, west]) await each.beat();
      door.stall();
      door.cut();
      for (const { clock } of [east, west]) clock.advance(goneMs + beatMs);
      await eventually(() => assert.ok(east.refused() > 0 && west.refused() > 0));
      door.resume();

      for (let n = 0; n < 4; n++) await east.beat();
      assert.deepEqual(east.peers(), ['east', 'west'], 'their trunks stay divided');
      assert.deepEqual(bereaved, []);
      await west.beat();
      for (let ms = 0; ms <= goneMs; ms += beatMs) await east.beat();
      assert.deepEqual(east.peers(), ['east']);
      await eventually(() =>
        assert.deepEqual([...new Set(bereaved)], ['east of west'], 'west was silent while east looked'),
      );
    } finally {
      await east.heartbeat.end();
      await west.heartbeat.end();
      await app.close();
      await door.close();
    }
  });

  it('fault: the clocks of two machines differ by minutes – neither takes the other for gone, until it is', async () => {
    const app = await testApp();
    const bereaved: string[] = [];
    const east = beating(app, 'east', app.clock.now() + 5 * minute, bereaved);
    const west = beating(app, 'west', app.clock.now(), bereaved);
    await west.heartbeat.begin();
    await east.heartbeat.begin();
    for (let ms = 0; ms <= 2 * goneMs; ms += beatMs) for (const each of [east, west]) await each.beat();
    assert.deepEqual([east.peers(), west.peers(), bereaved], [['east', 'west'], ['east', 'west'], []]);
    // The one that is silent now is ahead by minutes.
    for (let ms = 0; ms <= goneMs + beatMs; ms += beatMs) await west.beat();
    await eventually(() => assert.deepEqual([...new Set(bereaved)], ['west of east']));
    for (const { heartbeat } of [east, west]) await heartbeat.end();
    await app.close();
  });

  it('fault: the clock of a dialer is set back – its beats go on being signs of life', async () => {
    const app = await testApp();
    const store = createCellStore(app);
    await store.begin({ id: 'east', run: 'r1', switchUrl: null }, 1_000);
    const seen = async () => (await store.all())[0]!.seenAt;
    await store.beat('east', 'r1', 500);
    assert.equal(await seen(), 1_001);
    await store.beat('east', 'r1', 600);
    assert.equal(await seen(), 1_002);
    await store.beat('east', 'r1', 2_000);
    assert.equal(await seen(), 2_000);
    await app.close();
  });
});
