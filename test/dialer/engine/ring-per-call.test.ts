import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { cuttable } from '../../support/cut-link.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
const talksAndHangsUp = '+14155550103';

describe('phones that ring for each call', () => {
  let rig: DialerRig;
  let userId: number;
  let campaignId: number;

  beforeEach(async () => {
    rig = await dialerRig();
  });
  afterEach(() => rig.close());

  const start = async (numbers: string[]) => {
    ({ userId, campaignId } = await startOneAgent(rig, numbers, {}, 'per-call'));
  };
  const when = (what: string, is: (snapshot: AgentSnapshot) => boolean) => whenAgent(rig, userId, what, is);
  const onCall = () => when('on a call', ({ state }) => state === 'on-call');

  it('are rung when a customer is there, and let go afterwards', async () => {
    await start([talksAndHangsUp]);
    await rig.ask('agent.sign-in', { userId });
    const ready = await rig.ask('agent.ready', { userId });
    assert.deepEqual([ready.state, ready.phone], ['ready', 'none']);
    await onCall();
    const after = await when('wrap-up', ({ state }) => state === 'wrapup');
    assert.equal(after.phone, 'none');
    await rig.until('no channel is left', () => rig.sim.stats().channelsNow === 0);
  });

  it('end the call when the agent hangs up the phone', async () => {
    await start([person]);
    await rig.ask('agent.sign-in', { userId });
    await rig.ask('agent.ready', { userId });
    await onCall();
    rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${userId}`));
    const { call } = await when('wrap-up', ({ state }) => state === 'wrapup');
    assert.deepEqual([call?.outcome, call?.endedBy], ['answered', 'agent']);
  });

  it('ring the agent before the customer for a number dialled by hand', async () => {
    await start([]);
    await rig.ask('agent.sign-in', { userId });
    await rig.ask('agent.ready', { userId });
    const dialling = rig.ask('agent.dial', { userId, campaignId, e164: person });
    await rig.until('phone rings', async () => (await rig.snapshot(userId)).phone === 'ringing');
    assert.equal(rig.sim.invites().length, 0);
    await rig.until('phone is up', async () => (await rig.snapshot(userId)).phone === 'up');
    await dialling;
    await onCall();
  });

  it('fault: the phone is not there – the agent is paused, told so, and the customer is not kept waiting', async () => {
    await start([person]);
    await rig.ask('agent.sign-in', { userId });
    rig.sim.setPhone(`PJSIP/agent-${userId}`, false);
    await rig.ask('agent.ready', { userId });
    const paused = await when('paused', ({ state }) => state === 'paused');
    assert.equal(paused.pauseReason, 'phone-not-answered');
    await rig.until('call is over', async () => (await rig.calls())[0]?.outcome === 'abandoned');
  });

  it('fault: the agent lets it ring – they are paused, and no more customers are dialled to be abandoned', async () => {
    const people = [1, 2, 3, 4].map((n) => `+141555501${n}1`);
    await start(people);
    rig.sim.setPickUp(15_000);
    await rig.ask('agent.sign-in', { userId });
    await rig.ask('agent.ready', { userId });
    const paused = await when('paused', ({ state }) => state === 'paused');
    assert.deepEqual([paused.pauseReason, paused.phone], ['phone-not-answered', 'none']);
    await rig.pass(60_000);
    const outcomes = (await rig.calls()).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, ['abandoned']);
    assert.equal((await rig.snapshot(userId)).state, 'paused');

    rig.sim.setPickUp(300);
    await rig.ask('agent.ready', { userId });
    await onCall();
  });

  describe('fault: the link to the switch is cut for a moment as one is to be rung', () => {
    let bob: number;
    let link: ReturnType<typeof cuttable>;
    const talkWithAnn = async () => {
      await rig.close();
      link = cuttable(() => rig.app.clock);
      rig = await dialerRig({ telephony: link.telephony });
      ({ userId, campaignId } = await startOneAgent(rig, [person]));
      bob = await rig.agent('bob', 'per-call');
      await rig.app.db.knex('campaign_agents').insert({ campaign_id: campaignId, user_id: bob });
      rig.app.bus.publish('campaign.changed', { campaignId });
      await rig.ready(userId);
      const { call } = await onCall();
      await rig.ask('agent.sign-in', { userId: bob });
      await rig.ask('agent.ready', { userId: bob });
      return call!.id;
    };
    const bobHas = () => whenAgent(rig, bob, 'bob has them', ({ state }) => state === 'on-call', 10_000);

    it('a transfer to it is refused, and can be asked for again', async () => {
      const callId = await talkWithAnn();
      const transfer = () => rig.ask('agent.transfer', { userId, callId, to: { userId: bob } });
      link.cut(500);
      await assert.rejects(transfer(), { reason: 'colleague-not-reached' });
      await rig.pass(1_000);
      void transfer();
      assert.equal((await bobHas()).call?.id, callId);
    });

    it('who is to be given to it comes there once the link is back', async () => {
      const callId = await talkWithAnn();
      rig.sim.setPhone(`PJSIP/agent-${userId}`, false);
      link.cutAt(1_000, (request) => request === 'removeFromBridge');
      rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${userId}`));
      await when('the phone is lost', ({ phone }) => phone === 'lost');
      await rig.until('nobody has them', async () => (await rig.calls())[0]?.state === 'waiting', 30_000);
      assert.equal((await bobHas()).call?.id, callId);
    });
  });
});
