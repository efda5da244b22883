import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { Users } from '../../../core/users/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
const persons = (count: number) =>
  Array.from({ length: count }, (_, n) => `+1415555${String(n).padStart(2, '0')}01`);

describe('faults of agents’ phones', () => {
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
  /** Gone from the switch, with its leg. */
  const losePhone = async (userId: number) => {
    rig.sim.setPhone(`PJSIP/agent-${userId}`, false);
    rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${userId}`));
  };
  const onCall = (userId: number) => when(userId, 'on a call', ({ state }) => state === 'on-call');

  it('fault: a ready agent’s leg is lost – paused, told, rung again, and ready when it is soon back', async () => {
    rig = await dialerRig();
    const { userId } = await prepare([]);
    await rig.dialer.start();
    await rig.ready(userId);
    rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${userId}`));
    const lost = await when(userId, 'lost', ({ phone }) => phone === 'lost' || phone === 'ringing');
    assert.deepEqual([lost.state, lost.pauseReason], ['paused', 'phone-lost']);
    await when(userId, 'ready again', ({ state, phone }) => state === 'ready' && phone === 'up', 5_000);
  });

  it('fault: a leg is lost for good and the phone is set to ring for each call – it does from the next sign-in to the phone on', async () => {
    rig = await dialerRig();
    const { userId } = await prepare(persons(2));
    await rig.dialer.start();
    await rig.ready(userId);
    await losePhone(userId);
    await when(userId, 'phone is lost', ({ phone }) => phone === 'lost');
    const users = new Users(rig.app);
    const { name, role, locale, phoneMode, phoneEndpoint } = (await users.store.byId(userId))!;
    const form = { name, role, locale, phoneMode, phoneEndpoint, legMode: 'per-call' } as const;
    await users.update(userId, form, { userId: null });
    // Before the phone is there again: a leg that had come back by itself would keep its mode.
    await rig.ask('agent.sign-in', { userId });
    rig.sim.setPhone(`PJSIP/agent-${userId}`, true);
    await rig.ask('agent.ready', { userId });
    await onCall(userId);
    assert.equal(
      (await rig.app.db.knex('agent_sessions').where({ user_id: userId }).first()).leg_mode,
      'per-call',
    );
  });

  it('fault: the leg is lost in the middle of a talk – the customer waits with music, and the talk goes on', async () => {
    rig = await dialerRig();
    const { userId } = await prepare([person]);
    await rig.dialer.start();
    await rig.ready(userId);
    const { call } = await onCall(userId);
    rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${userId}`));
    const waiting = await when(userId, 'waiting', (snapshot) => snapshot.call?.state === 'held');
    assert.equal(waiting.state, 'on-call');
    const again = await when(userId, 'talking', (snapshot) => snapshot.call?.state === 'connected', 10_000);
    assert.equal(again.call?.id, call?.id);
  });

  it('fault: the leg is away for so long that the switch ends the recording – the rest of the talk is recorded too, and the gap is known', async () => {
    rig = await dialerRig();
    const { userId } = await prepare([person]);
    await rig.dialer.start();
    await rig.ready(userId);
    await onCall(userId);
    await rig.pass(3_000);
    await losePhone(userId);
    await when(userId, 'waiting', (snapshot) => snapshot.call?.state === 'held');
    await rig.until('the switch has ended it', () => rig.sim.stats().recordingsNow === 0, 6_000);
    rig.sim.setPhone(`PJSIP/agent-${userId}`, true);
    const again = await when(userId, 'talking', (snapshot) => snapshot.call?.state === 'connected', 14_000);
    assert.equal(again.call?.recording, 'on');
    await rig.until('it is recorded', () => rig.sim.stats().recordingsNow === 1, 2_000);
    await rig.dialer.settled();
    const [first, second] = await rig.app.db.knex('recordings').orderBy('id');
    assert.equal(second.state, 'recording');
    assert.equal(JSON.parse(first.pauses)[0].cause, 'hold');
  });

  it('fault: the leg is lost while the customer is on hold – no talk before it is back, and then it is recorded', async () => {
    rig = await dialerRig();
    const { userId } = await prepare([person]);
    await rig.dialer.start();
    await rig.ready(userId);
    const { call } = await onCall(userId);
    const callId = call!.id;
    await rig.ask('agent.hold', { userId, callId, on: true });
    await losePhone(userId);
    await when(userId, 'lost', ({ phone }) => phone !== 'up');
    await assert.rejects(rig.ask('agent.hold', { userId, callId, on: false }), { reason: 'phone-not-up' });
    rig.sim.setPhone(`PJSIP/agent-${userId}`, true);
    const again = await when(userId, 'talking', (snapshot) => snapshot.call?.state === 'connected', 14_000);
    assert.equal(again.call?.recording, 'on');
  });

  it('gives no more calls to somebody whose account was disabled', async () => {
    rig = await dialerRig();
    const { userId } = await prepare([]);
    await rig.dialer.start();
    await rig.ready(userId);
    await new Users(rig.app).create(
      { username: 'root', name: 'Root', role: 'administrator' },
      { userId: null },
    );
    await new Users(rig.app).disable(userId, { userId: null }, 'has left us');
    await when(userId, 'signed out', ({ state }) => state === 'signed-out', 1_000);
  });

  it('fault: the phone does not come back in a talk – another agent gets the customer', async () => {
    rig = await dialerRig();
    const { userId: ann, trunkId } = await prepare([]);
    const bob = await rig.agent('bob');
    await rig.campaign({ numbers: [person], trunkIds: [trunkId], agentIds: [ann, bob] });
    await rig.dialer.start();
    await rig.ready(ann);
    const { call } = await onCall(ann);
    await rig.ready(bob);
    await losePhone(ann);
    const taken = await when(bob, 'bob talks', ({ state }) => state === 'on-call', 20_000);
    assert.equal(taken.call?.id, call?.id);
    const left = await rig.snapshot(ann);
    assert.deepEqual([left.state, left.call], ['paused', null]);
    rig.sim.setPhone(`PJSIP/agent-${ann}`, true);
    await when(ann, 'phone is back', ({ phone }) => phone === 'up');
    const inBridge = new Map((await rig.bridges()).map((one) => [one.bridgeId, one.channelIds.length]));
    assert.deepEqual([inBridge.get(`rw-agent-${ann}`), inBridge.get(`rw-agent-${bob}`)], [1, 2]);
  });

  it('fault: the phone is back when the customer has begun to wait for anybody – the two talk again, and nobody has to press anything', async () => {
    rig = await dialerRig();
    const { userId } = await prepare([person]);
    await rig.dialer.start();
    await rig.ready(userId);
    const { call } = await onCall(userId);
    await losePhone(userId);
    await rig.until('the customer waits', async () => (await rig.calls())[0]?.state === 'waiting', 20_000);
    await rig.pass(5_000);
    assert.deepEqual(
      [(await rig.snapshot(userId)).state, (await rig.calls())[0]?.state],
      ['paused', 'waiting'],
    );
    rig.sim.setPhone(`PJSIP/agent-${userId}`, true);
    await rig.ask('agent.sign-in', { userId });
    const again = await when(userId, 'they talk again', ({ state }) => state === 'on-call', 5_000);
    assert.deepEqual([again.call?.id, again.call?.state], [call?.id, 'connected']);
    const bridge = (await rig.bridges()).find(({ bridgeId }) => bridgeId === `rw-agent-${userId}`);
    assert.equal(bridge?.channelIds.length, 2);
  });

  it('fault: the phone is back in a pause, and a colleague has the customer – who was lost gets nobody', async () => {
    rig = await dialerRig();
    const { userId: ann, trunkId } = await prepare([]);
    const bob = await rig.agent('bob');
    await rig.campaign({ numbers: [person], trunkIds: [trunkId], agentIds: [ann, bob] });
    await rig.dialer.start();
    await rig.ready(ann);
    await onCall(ann);
    await rig.signIn(bob);
    await losePhone(ann);
    await rig.until('the customer waits', async () => (await rig.calls())[0]?.state === 'waiting', 20_000);
    await rig.ask('agent.ready', { userId: bob });
    await onCall(bob);
    rig.sim.setPhone(`PJSIP/agent-${ann}`, true);
    await rig.ask('agent.sign-in', { userId: ann });
    await when(ann, 'phone is up', ({ phone }) => phone === 'up');
    await rig.pass(1_000);
    assert.deepEqual(
      [(await rig.snapshot(ann)).state, (await rig.snapshot(bob)).state],
      ['paused', 'on-call'],
    );
  });

  it('fault: an agent is taken off work in the middle of a talk, and the phone goes – a colleague who is free some seconds later has the customer', async () => {
    rig = await dialerRig();
    const { userId: ann, trunkId } = await prepare([]);
    const bob = await rig.agent('bob');
    await rig.campaign({ numbers: [person], trunkIds: [trunkId], agentIds: [ann, bob] });
    await rig.dialer.start();
    await rig.ready(ann);
    const { call } = await onCall(ann);
    await rig.signIn(bob);
    await new Users(rig.app).disable(ann, { userId: null }, 'has left us');
    await rig.pass(500);
    await losePhone(ann);
    await rig.until('the customer waits', async () => (await rig.calls())[0]?.state === 'waiting', 2_000);
    await rig.pass(8_000);
    await rig.ask('agent.ready', { userId: bob });
    const taken = await when(bob, 'bob talks', ({ state }) => state === 'on-call', 2_000);
    assert.equal(taken.call?.id, call?.id);
  });

  it('fault: the phone does not come back and nobody else is there – the customer waits outside its bridge, and that is no talk', async () => {
    rig = await dialerRig();
    const { userId } = await prepare([person], { answerGraceMs: 10_000 });
    await rig.dialer.start();
    await rig.ready(userId);
    await onCall(userId);
    await losePhone(userId);
    await rig.until('the customer waits', async () => (await rig.calls())[0]?.state === 'waiting', 20_000);
    await rig.pass(5_000);
    const bridge = (await rig.bridges()).find(({ bridgeId }) => bridgeId === `rw-agent-${userId}`);
    assert.equal(bridge?.channelIds.length, 0);
    rig.sim.hangUp(await rig.channelOf('PJSIP/trunk-'));
    await rig.until('the call ends', async () => (await rig.calls())[0]?.state === 'ended', 20_000);
    const call = await rig.app.db.knex('calls').first();
    assert.ok(Number(call.left_at) > Number(call.connected_at), 'talk ends with the agent');
    assert.ok(Number(call.ended_at) - Number(call.left_at) >= 5_000, 'and not with the music after it');
  });
});
