import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { refusals } from '../../../dialer/telephony/customers.ts';
import { testApp } from '../../support/app.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';
import { whenAgent } from '../../support/one-agent.ts';
import { removable } from '../../support/removable.ts';

const person = '+14155550101';
const persons = (count: number) =>
  Array.from({ length: count }, (_, n) => `+1415555${String(n).padStart(2, '0')}01`);
const talksAndHangsUp = '+14155550103';
const noAnswer = '+14155550104';

describe('faults around the dialer', () => {
  let rig: DialerRig;
  afterEach(() => rig.close());

  const prepare = async (numbers: string[], given: Record<string, unknown> = {}) => {
    const userId = await rig.agent('ann');
    const trunkId = await rig.trunk('First');
    const campaignId = await rig.campaign({ numbers, trunkIds: [trunkId], agentIds: [userId], ...given });
    return { userId, trunkId, campaignId };
  };
  const when = (userId: number, what: string, is: (snapshot: AgentSnapshot) => boolean, ms?: number) =>
    whenAgent(rig, userId, what, is, ms);
  const onCall = (userId: number) => when(userId, 'on a call', ({ state }) => state === 'on-call');
  const code = async (campaignId: number) => (await rig.pacing(campaignId)).notDialing?.code;

  it('fault: the switch is down at start – says so, and begins when it is there', async () => {
    rig = await dialerRig();
    await rig.killSwitch();
    const { userId, campaignId } = await prepare([talksAndHangsUp]);
    await rig.dialer.start();
    assert.equal(await code(campaignId), 'switch-down');
    await rig.ask('agent.sign-in', { userId });
    await assert.rejects(rig.ask('agent.dial', { userId, campaignId, e164: person }), {
      reason: 'phone-not-up',
    });
    await rig.startSwitch();
    await when(userId, 'phone is up', ({ phone }) => phone === 'up');
    await rig.ask('agent.ready', { userId });
    await onCall(userId);
  });

  it('fault: the switch is killed in the middle of calls – each ends with an outcome, phones ring again, work goes on', async () => {
    rig = await dialerRig();
    const { userId, campaignId } = await prepare([person, noAnswer], { mode: 'power', powerRatio: 2 });
    await rig.dialer.start();
    await rig.ready(userId);
    const talking = await onCall(userId);
    await rig.killSwitch();
    await rig.until('it is noticed', async () => rig.dialer.status().switch !== 'up');
    assert.equal((await rig.snapshot(userId)).state, 'on-call');
    await rig.startSwitch();
    const after = await when(userId, 'wrap-up', ({ state }) => state === 'wrapup');
    assert.equal(after.call?.id, talking.call?.id);
    assert.deepEqual([after.call?.outcome, after.call?.endedBy], ['answered', 'system']);
    await when(userId, 'phone is up again', ({ phone }) => phone === 'up');
    const dispositionId = await rig.disposition('no_decision');
    const disposed = await rig.ask('agent.dispose', {
      ...{ userId, callId: after.call!.id, dispositionId, note: '', next: 'paused', pauseCodeId: 1 },
    });
    assert.equal(disposed.state, 'paused');
    await rig.dialer.settled();
    assert.ok((await rig.calls()).every((call) => call.state === 'ended' && call.outcome !== null));
    await rig.until('leads are free', async () => (await rig.leads()).every((lead) => !lead.reserved_by));
    assert.equal(await code(campaignId), 'no-agents-ready');
  });

  it('fault: the switch stays away – calls are over after half a minute, agents are told', async () => {
    rig = await dialerRig();
    const { userId } = await prepare([person]);
    await rig.dialer.start();
    await rig.ready(userId);
    await onCall(userId);
    await rig.killSwitch();
    await rig.until('it is noticed', async () => rig.dialer.status().switch !== 'up');
    const told = await when(userId, 'told', ({ state }) => state === 'wrapup', 40_000);
    assert.equal(told.phone, 'lost');
  });

  it('fault: events are lost for a while – what happened unheard is made up for', async () => {
    rig = await dialerRig();
    const { userId } = await prepare([person]);
    await rig.dialer.start();
    await rig.ready(userId);
    await onCall(userId);
    rig.sim.faults.dropSockets();
    rig.sim.hangUp(await rig.channelOf('PJSIP/trunk-1'));
    const ended = await when(userId, 'wrap-up', ({ state }) => state === 'wrapup', 30_000);
    assert.equal(ended.call?.outcome, 'answered');
    assert.equal(ended.phone, 'up');
  });

  it('fault: nothing is heard of the switch while a customer answers – told who called, and counted as abandoned', async () => {
    rig = await dialerRig();
    const { userId } = await prepare([person]);
    await rig.dialer.start();
    await rig.ready(userId);
    await rig.until('it rings', async () => (await rig.calls())[0]?.state === 'ringing');
    rig.sim.faults.freeze(true);
    // A frozen switch still sends; cut off first, it cannot tell of the answer.
    rig.sim.faults.dropSockets();
    await rig.until('the customer has answered', () => rig.sim.stats().answered > 1, 30_000);
    rig.sim.faults.freeze(false);
    await rig.until('the call has ended', async () => (await rig.calls())[0]?.state === 'ended', 60_000);
    await rig.dialer.settled();
    const [call] = await rig.calls();
    assert.equal(call?.outcome, 'abandoned');
    const events = await rig.app.db.knex('call_events').where({ call_id: call!.id }).orderBy('id');
    assert.deepEqual(
      events.map(({ event }) => event),
      ['create', 'dial', 'ringing', 'answer', 'announce', 'end'],
    );
  });

  it('fault: a trunk answers 503 to all – it rests, the page says so, and it is tried again', async () => {
    rig = await dialerRig();
    rig.sim.setCarrier('trunk-1', { channels: 0, callsPerSecond: 100 });
    const { userId, campaignId } = await prepare(persons(5), { mode: 'power', powerRatio: 5 });
    await rig.dialer.start();
    await rig.ready(userId);
    await rig.until('trunk rests', async () => (await code(campaignId)) === 'trunks-failing', 10_000);
    const { notDialing } = await rig.pacing(campaignId);
    assert.ok(notDialing!.until! > rig.app.clock.now());
    await rig.dialer.settled();
    assert.ok((await rig.calls()).every((call) => call.state !== 'ended' || call.outcome === 'congestion'));
    const before = rig.sim.invites().length;
    rig.sim.setCarrier('trunk-1', { channels: 100, callsPerSecond: 100 });
    await onCall(userId);
    assert.ok(rig.sim.invites().length > before);
    assert.equal(rig.dialer.status().trunks[0]?.failing, false);
  });

  for (const [what, refusal] of [
    ['refuses our login (407)', refusals.login],
    ['forbids every call (403)', refusals.forbidden],
  ] as const) {
    it(`fault: a trunk ${what} – it rests, is named, and no lead loses an attempt`, async () => {
      rig = await dialerRig();
      rig.sim.setCarrier('trunk-1', { channels: 100, callsPerSecond: 100, refusal });
      const { userId, campaignId } = await prepare(persons(20), { mode: 'power', powerRatio: 5 });
      await rig.dialer.start();
      await rig.ready(userId);
      await rig.until('trunk rests', async () => (await code(campaignId)) === 'trunk-refuses-us', 10_000);
      const { notDialing } = await rig.pacing(campaignId);
      assert.deepEqual(notDialing?.params, { trunk: 'First' });
      assert.ok(notDialing.until! > rig.app.clock.now());
      assert.equal(rig.dialer.status().trunks[0]?.refusesUs, true);
      await rig.pass(30_000);
      await rig.dialer.settled();
      assert.ok(rig.sim.invites().length < 12, `${rig.sim.invites().length} calls`);
      const leads = (await rig.leads()).filter(({ state }) => state !== 'dialing');
      assert.ok(leads.length > 15);
      assert.ok(leads.every(({ state, attempts }) => attempts === 0 && ['new', 'waiting'].includes(state)));
      rig.sim.setCarrier('trunk-1', { channels: 100, callsPerSecond: 100 });
      await onCall(userId);
      assert.equal(rig.dialer.status().trunks[0]?.refusesUs, false);
    });

    it(`fault: a trunk ${what} – its calls go out over the second one`, async () => {
      rig = await dialerRig();
      rig.sim.setCarrier('trunk-1', { channels: 100, callsPerSecond: 100, refusal });
      const userId = await rig.agent('ann');
      const trunkIds = [await rig.trunk('First'), await rig.trunk('Second')];
      await rig.campaign({ numbers: [person], trunkIds, agentIds: [userId] });
      await rig.dialer.start();
      await rig.ready(userId);
      const { call } = await onCall(userId);
      assert.equal((await rig.calls()).find(({ id }) => id === call!.id)?.trunk_id, trunkIds[1]);
    });
  }

  it('fault: a trunk refuses our login, and the second one is full – the agent who dialled is told of the login', async () => {
    rig = await dialerRig();
    rig.sim.setCarrier('trunk-1', { channels: 100, callsPerSecond: 100, refusal: refusals.login });
    const userId = await rig.agent('ann');
    const trunkIds = [await rig.trunk('First'), await rig.trunk('Second', { channels: 0 })];
    const campaignId = await rig.campaign({ numbers: [], trunkIds, agentIds: [userId] });
    await rig.dialer.start();
    await rig.ready(userId);
    await rig.until('calls may leave', async () => (await code(campaignId)) !== 'switch-down');
    await rig.ask('agent.dial', { userId, campaignId, e164: person });
    await rig.until('the call has ended', async () => (await rig.calls())[0]?.state === 'ended', 20_000);
    const call = await rig.app.db.knex('calls').first();
    assert.deepEqual([call.outcome, call.hangup_cause], ['failed', refusals.login.cause]);
  });

  it('takes a customer’s decline (603) for theirs, and one number that a trunk forbids for the number’s', async () => {
    rig = await dialerRig({
      simulator: {
        behaviour: (dialled) =>
          dialled.endsWith('5503') || dialled.endsWith('5504')
            ? {
                ...{ kind: 'busy', ringMs: 0, talkMs: null, voice: 'silence' },
                refusal: dialled.endsWith('3') ? refusals.declined : refusals.forbidden,
              }
            : { kind: 'busy', ringMs: 200, refusal: refusals.busy, talkMs: null, voice: 'silence' },
      },
    });
    const [declines, isForbidden, other] = ['+14155555503', '+14155555504', '+14155555505'];
    const { userId } = await prepare([declines!, isForbidden!, other!], { mode: 'power', powerRatio: 5 });
    await rig.dialer.start();
    await rig.ready(userId);
    const outcomes = async (e164: string) =>
      (await rig.calls()).filter((call) => call.e164 === e164).map(({ outcome }) => outcome);
    await rig.until('forbidden again', async () => (await outcomes(isForbidden!)).at(-1) === 'rejected');
    await rig.dialer.settled();
    assert.deepEqual(await outcomes(declines!), ['rejected']);
    assert.deepEqual(await outcomes(isForbidden!), ['failed', 'rejected']);
    assert.deepEqual(
      (await rig.leads()).map(({ attempts, last_outcome }) => [attempts, last_outcome]),
      [
        [1, 'rejected'],
        [1, 'rejected'],
        [1, 'busy'],
      ],
    );
  });

  it('fault: the reserved leads cannot be looked at – they go back, and are dialled later', async () => {
    let broken = true;
    const mayCallMany: typeof openGate.mayCallMany = (requests) =>
      broken ? Promise.reject(new Error('gone')) : openGate.mayCallMany(requests);
    rig = await dialerRig({ dialer: { gate: { ...openGate, mayCallMany } } });
    const { userId, campaignId } = await prepare([person]);
    await rig.dialer.start();
    await rig.ready(userId);
    await rig.until('it is told', async () => (await code(campaignId)) === 'database-down');
    broken = false;
    await onCall(userId);
  });

  it('fault: the database is gone for 10 s – talks go on, nothing is dialled, every transition is there afterwards', async () => {
    const app = await testApp({ clock: new ManualClock(Date.UTC(2026, 10, 23, 18)) });
    const away = removable(app.db);
    rig = await dialerRig({ app: { ...app, db: away.db }, dialer: { gate: undefined } });
    const { userId, campaignId } = await prepare([talksAndHangsUp, ...persons(3)]);
    await rig.dialer.start();
    await rig.ready(userId);
    const { call } = await onCall(userId);
    away.gone = true;
    const ended = await when(userId, 'wrap-up', ({ state }) => state === 'wrapup');
    assert.equal(ended.call?.outcome, 'answered');
    const invites = rig.sim.invites().length;
    await rig.ask('agent.ready', { userId });
    await when(userId, 'ready', ({ state }) => state === 'ready', 70_000);
    await rig.pass(10_000);
    assert.equal(rig.sim.invites().length, invites);
    assert.equal(await code(campaignId), 'database-down');
    away.gone = false;
    await rig.dialer.settled();
    const events = await rig.app.db
      .knex('call_events')
      .where({ call_id: call!.id })
      // What became of it is written beside the transitions, and may be first.
      .orderBy(['at', 'id'])
      .select('event');
    assert.deepEqual(
      events.map((row: { event: string }) => row.event),
      ['create', 'dial', 'ringing', 'answer', 'connect', 'end', 'wrapup-missed'],
    );
    await onCall(userId);
  });

  it('fault: the dialer dies in the middle of a talk – the next one takes up call, agent and leg', async () => {
    rig = await dialerRig();
    const { userId } = await prepare([person, noAnswer], { mode: 'power', powerRatio: 2 });
    await rig.dialer.start();
    await rig.ready(userId);
    const { call } = await onCall(userId);
    await rig.dialer.settled();
    await rig.dialer.close();
    const next = await rig.restart();
    await rig.until('switch is up', () => next.status().switch === 'up');
    await rig.pass(500);
    const taken = await when(userId, 'taken up', (snapshot) => snapshot.call?.state === 'connected');
    assert.equal(taken.call?.id, call?.id);
    assert.deepEqual([taken.state, taken.phone], ['on-call', 'up']);
    const ended = await rig.ask('agent.hangup', { userId, callId: call!.id });
    assert.equal(ended.state, 'wrapup');
    await rig.until('only the agent’s leg is left', () => rig.sim.stats().channelsNow === 1);
    await rig.until('no call is open', async () =>
      (await rig.calls()).every(({ state }) => state === 'ended'),
    );
  });

  it('fault: dialer and switch die together – the next start settles calls, leads and agents', async () => {
    rig = await dialerRig();
    const { userId } = await prepare([person, noAnswer], { mode: 'power', powerRatio: 2 });
    await rig.dialer.start();
    await rig.ready(userId);
    await onCall(userId);
    await rig.dialer.settled();
    await rig.dialer.close();
    await rig.killSwitch();
    await rig.startSwitch();
    const next = await rig.restart();
    await when(userId, 'wrap-up', ({ state }) => state === 'wrapup');
    await when(userId, 'phone is up again', ({ phone }) => phone === 'up');
    await next.settled();
    assert.ok((await rig.calls()).every(({ state, outcome }) => state === 'ended' && outcome));
    assert.equal((await rig.leads()).filter((lead) => lead.state === 'dialing').length, 1);
  });
});
