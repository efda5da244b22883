import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { spy } from 'sinon';
import { createLineResultStore } from '../../../dialer/line-health/line-result-store.ts';
import { noCalls } from '../../../dialer/line-health/line-result.ts';
import { advanceHealth, unblemished } from '../../../dialer/line-health/trunk-health.ts';
import { createTrunkHealthStore } from '../../../dialer/line-health/trunk-health-store.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { customersByNumber } from '../../../dialer/telephony/customers.ts';

const minute = 60_000;
const span = 5 * minute;

describe('the health of a trunk', () => {
  const at = (now: number, ...events: Parameters<typeof advanceHealth>[1][]) =>
    events.reduce((health, event) => {
      const next = advanceHealth(health, event, now);
      assert.ok(next, event.type);
      return next;
    }, unblemished(1));
  const condemn = { type: 'condemn', reason: [] } as const;

  it('keeps it out for longer each time, and for the first time again after a good day', () => {
    const until: number[] = [];
    let health = unblemished(1);
    let now = 1_000_000_000;
    for (let n = 0; n < 7; n++) {
      health = advanceHealth(health, condemn, now)!;
      until.push((health.until! - now) / minute);
      now = health.until!;
      health = advanceHealth(health, { type: 'try' }, now)!;
    }
    assert.deepEqual(until, [15, 30, 60, 120, 240, 240, 240]);
    const cleared = advanceHealth(health, { type: 'clear' }, now)!;
    assert.equal(advanceHealth(cleared, condemn, now + 60 * minute)!.until! - now, 300 * minute);
    const day = 24 * 60 * minute;
    assert.equal(advanceHealth(cleared, condemn, now + day)!.until! - now - day, 15 * minute);
  });

  it('is nobody’s to judge while somebody holds it', () => {
    const held = at(5, condemn, { type: 'hold', userId: 3 });
    for (const type of ['try', 'clear'] as const) assert.equal(advanceHealth(held, { type }, 9), null);
    assert.equal(advanceHealth(held, condemn, 9), null);
    assert.deepEqual(advanceHealth(held, { type: 'release', userId: 4 }, 9)?.state, 'free');
  });
});

describe('trunks that are judged by their calls', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let agent: number;
  let trunks: number[];
  let campaign: number;

  beforeEach(async () => {
    rig = await dialerRig();
    agent = await rig.agent('amy');
    trunks = [await rig.trunk('a'), await rig.trunk('b')];
    campaign = await rig.campaign({
      numbers: Array.from({ length: 90 }, (_, n) => `+1415555${String(n).padStart(2, '0')}05`),
      agentIds: [agent],
      trunkIds: trunks,
      sharedTrunkIds: [trunks[1]!],
    });
  });
  afterEach(() => rig.close());

  /** As another dialer has written it. */
  const came = async (trunkId: number, calls: number, answered: number, ago = 6) => {
    const now = rig.app.clock.now();
    const from = now - ago * minute;
    const result = { ...noCalls, calls, answered, campaignId: campaign, at: from - (from % span) };
    await createLineResultStore(rig.app).write(`other ${trunkId}`, [
      { ...result, kind: 'trunk', subject: String(trunkId) },
    ]);
  };
  const stateOf = async (trunkId: number) => (await createTrunkHealthStore(rig.app).get(trunkId)).state;
  const is = (state: string) => async () => (await stateOf(trunks[0]!)) === state;
  const on = (id: number, from = 0) =>
    rig.sim.invites().filter(({ trunk, at }) => trunk === `trunk-${id}` && at >= from).length;
  const actions = (): Promise<string[]> =>
    rig.app.db.knex('audit_log').where('action', 'like', 'trunk.%').orderBy('id').pluck('action');

  it('one that is clearly worse is kept out, tried again by single calls, and taken back when they are like the others’', async () => {
    const [bad, good] = trunks as [number, number];
    await came(bad, 300, 10);
    await came(good, 300, 90);
    await rig.dialer.start();
    await rig.until('it is kept out', is('quarantined'), 3 * minute, 1_000);
    await rig.ready(agent);
    await rig.until('all calls leave over the other', () => on(good) >= 20, 20 * minute);
    assert.equal(on(bad), 0);
    const health = await createTrunkHealthStore(rig.app).get(bad);
    assert.equal(health.reason[0]?.sign, 'answers');
    assert.equal(Math.round(health.reason[0]!.expected * 100), 30);
    assert.ok(health.until! > health.since);
    await rig.ask('agent.pause', { userId: agent, pauseCodeId: 1 });
    await rig.until('it is tried', is('probing'), 30 * minute, 2_000);
    const triedFrom = rig.app.clock.now();
    await rig.ask('agent.ready', { userId: agent });
    await rig.until('it has had 3 calls', () => on(bad) >= 3, 10 * minute);
    const took = rig.app.clock.now() - triedFrom;
    assert.ok(took >= 20_000, `three of them in ${took} ms`);
    assert.ok(on(good, triedFrom) > on(bad, triedFrom), 'the others go on as before');
    assert.deepEqual((await actions()).slice(0, 2), ['trunk.quarantined', 'trunk.tried-again']);
    await came(bad, 30, 8, 0);
    await came(good, 300, 90, 0);
    await rig.until('it is taken back', is('free'), 3 * minute, 1_000);
    assert.equal((await actions()).at(-1), 'trunk.well-again');
  });

  it('stays out for longer when the calls that try it are no better', async () => {
    const [bad, good] = trunks as [number, number];
    await came(bad, 300, 10);
    await came(good, 300, 90);
    await rig.dialer.start();
    await rig.until('it is kept out', is('quarantined'), 3 * minute, 1_000);
    await rig.until('it is tried', is('probing'), 30 * minute, 5_000);
    await came(bad, 30, 0, 0);
    await came(good, 300, 90, 0);
    await rig.until('it is kept out again', is('quarantined'), 5 * minute, 1_000);
    const { until, since, times } = await createTrunkHealthStore(rig.app).get(bad);
    assert.deepEqual([until! - since, times], [30 * minute, 2]);
  });

  it('the last one of a campaign is not kept out, however bad', async () => {
    const [bad, good] = trunks as [number, number];
    await came(bad, 300, 10);
    await came(good, 300, 90);
    await rig.campaign({ numbers: ['+14155550001'], agentIds: [agent], trunkIds: [bad], name: 'Only' });
    await rig.dialer.start();
    await rig.pass(2_000);
    for (let n = 0; n < 4; n++) await rig.until('a minute', () => rig.app.clock.advance(15_000) ?? true);
    await rig.pass(1_000);
    assert.equal(await stateOf(bad), 'free');
    await rig.app.db.knex('campaigns').where({ name: 'Only' }).update({ state: 'paused' });
    await rig.until('and is when that campaign does not call', is('quarantined'), 3 * minute, 1_000);
  });

  it('fault: it has most of the channels – it is said, once, and it stays: a tenth of the calls would be all that is left', async () => {
    const [bad, good] = trunks as [number, number];
    await came(bad, 300, 10);
    await came(good, 300, 90);
    const { knex } = rig.app.db;
    await knex('trunks').where({ id: bad }).update({ channels: 100 });
    await knex('trunks').where({ id: good }).update({ channels: 10 });
    const warn = spy(rig.app.log, 'warn');
    await rig.dialer.start();
    await rig.pass(2_000);
    for (let n = 0; n < 12; n++) await rig.until('a quarter', () => rig.app.clock.advance(15_000) ?? true);
    await rig.pass(1_000);
    assert.equal(await stateOf(bad), 'free');
    const said = warn.getCalls().filter(({ args }) => String(args[1]).includes('too many channels'));
    assert.deepEqual(said.map(({ args }) => (args[0] as { trunk: number }).trunk), [bad]); // prettier-ignore
    const store = createTrunkHealthStore(rig.app);
    const { worse } = await store.get(bad);
    assert.equal(worse?.reason[0]?.sign, 'answers');
    assert.ok(worse.since < rig.app.clock.now() - minute, 'since it was found, not since the last look');
    assert.equal(await store.countWorse(), 1);
    await rig.until('those calls are old', async () => (await store.countWorse()) === 0, 70 * minute, 5_000);
    assert.equal((await store.get(bad)).worse, null);
    assert.deepEqual(await actions(), ['trunk.worse-and-needed', 'trunk.worse-no-more']);
  });

  it('one that is worse and needed is kept out once there is another, and says so no more', async () => {
    const [bad, good] = trunks as [number, number];
    const store = createTrunkHealthStore(rig.app);
    const reason = [{ sign: 'answers' as const, own: { hits: 1, of: 90 }, expected: 0.3, z: -9 }];
    assert.equal(await store.setWorse(bad, reason, 5), true);
    assert.equal(await store.setWorse(bad, reason, 9), false);
    assert.equal((await store.get(bad)).worse?.since, 5);
    await store.apply(await store.get(bad), { type: 'condemn', reason }, 10);
    const { state, worse } = await store.get(bad);
    assert.deepEqual([state, worse], ['quarantined', null]);
    assert.equal(await store.setWorse(good, null, 11), false);
  });

  it('fault: the other one fails meanwhile – calls leave over the one in quarantine, and not before', async () => {
    const [bad, good] = trunks as [number, number];
    await createTrunkHealthStore(rig.app).apply(
      unblemished(bad),
      { type: 'condemn', reason: [] },
      rig.app.clock.now(),
    );
    await rig.dialer.start();
    rig.sim.setCarrier(`trunk-${good}`, { channels: 100, callsPerSecond: 100, down: true });
    await rig.ready(agent);
    await rig.until('it takes the calls', () => on(bad) > 0);
    assert.ok(on(good) >= 3, 'once the other rests');
  });

  it('is counted from what happens: answers, who is gone at once, why nobody answered, and how long until it rings', async () => {
    const [first, second] = trunks as [number, number];
    const endings = { '+14155550005': '09', '+14155550105': '05', '+14155550205': '07' } as const;
    rig.sim.setBehaviour((dialled, trunk) => {
      const ending = Object.entries(endings).find(([e164]) => dialled.endsWith(e164.slice(1)))?.[1] ?? '05';
      return customersByNumber[trunk === `trunk-${first}` ? ending : '05']!;
    });
    await rig.app.db.knex('leads').where('id', '>', 3).delete();
    await rig.app.db.knex('campaigns').update({ shared_trunks: null });
    await rig.dialer.start();
    await rig.ready(agent);
    await rig.until('all are over', async () => {
      const calls = await rig.calls();
      return calls.length === 3 && calls.every(({ state }) => state === 'ended');
    });
    await rig.pass(11_000);
    const rows = await createLineResultStore(rig.app).since('trunk', 0);
    assert.deepEqual(rows.map(({ subject }) => subject), [String(first)], 'none of what it has refused is the other’s'); // prettier-ignore
    assert.ok(on(second) > 0);
    const { calls, answered, short, rung, causes, delays } = rows[0]!;
    assert.deepEqual(
      { calls, answered, short, rung, causes },
      { calls: 3, answered: 1, short: 1, rung: 1, causes: { busy: 1, congestion: 1 } },
    );
    assert.ok(Number(Object.keys(delays)[0]) <= 1, 'it rang within half a second');
  });
});
