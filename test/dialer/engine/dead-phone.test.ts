import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { PacerFactory } from '../../../dialer/engine/campaign-pacer.ts';
import { createPacer, type Pacer } from '../../../dialer/pacing/index.ts';
import { soundlessMs } from '../../../dialer/telephony/endpoint-objects.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { RollupStore } from '../../../reports/rollups/rollup-store.ts';
import { figuresOf } from '../../../reports/rollups/rollup.ts';
import { cuttable } from '../../support/cut-link.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
const hour = 3_600_000;

// Fault: the browser has vanished before the customer is put through, and the switch finds out later.
describe('a customer who is put through to a phone that is dead already', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let ann: number;
  let campaignId: number;
  let callId: string;
  let pacer: Pacer;
  let link: ReturnType<typeof cuttable>;

  beforeEach(async () => {
    const pacerFactory: PacerFactory = (settings, past) => (pacer = createPacer(settings, past));
    link = cuttable(() => rig.app.clock);
    rig = await dialerRig({ dialer: { pacerFactory }, telephony: link.telephony });
    ({ userId: ann, campaignId } = await startOneAgent(rig, [person], { mode: 'power' }));
    await rig.ready(ann);
    callId = (await whenAgent(rig, ann, 'on a call', ({ state }) => state === 'on-call')).call!.id;
  });
  afterEach(() => rig.close());

  const row = () => rig.app.db.knex('calls').where({ id: callId }).first();
  const lead = () => rig.app.db.knex('leads').first();
  const fold = () => new RollupStore(rig.app.db).advance(rig.app.clock.now() + hour);
  const endSoundless = async () => {
    rig.sim.setPhone(`PJSIP/agent-${ann}`, false);
    rig.sim.endSoundless(await rig.channelOf(`PJSIP/agent-${ann}`));
    await whenAgent(rig, ann, 'phone is lost', ({ phone }) => phone === 'lost');
  };
  const over = async () => {
    await rig.until('the call is over', async () => (await row()).state === 'ended', 60_000);
    await rig.dialer.settled();
  };
  const figures = async () => {
    await fold();
    const all = await new RollupStore(rig.app.db).totals(campaignId, 0, rig.app.clock.now() + hour);
    const { connected, connectedLate, abandoned, outcomes } = figuresOf(all);
    return { connected, connectedLate, abandoned, answered: outcomes.answered };
  };
  /** The pacer's own. */
  const account = () => {
    const { abandoned, answers } = pacer.decide(rig.app.clock.now()).facts;
    return { abandoned, answers };
  };

  for (const isFolded of [false, true])
    it(`hears who called, and is an abandoned call${isFolded ? ', also where reports had counted a talk' : ''}`, async () => {
      await rig.pass(3_000);
      if (isFolded) {
        await rig.dialer.settled();
        await fold();
      }
      await endSoundless();
      await rig.until('is told', async () => (await row()).state === 'announcing', 2_000);
      const { state, pauseReason } = await rig.snapshot(ann);
      assert.deepEqual([state, pauseReason], ['paused', 'phone-lost']);
      await over();
      const call = await row();
      assert.deepEqual([call.outcome, call.connected_at, call.user_id], ['abandoned', null, null]);
      assert.ok(call.abandoned_at);
      assert.equal((await lead()).last_outcome, 'abandoned');
      assert.deepEqual(await figures(), { connected: 0, connectedLate: 0, abandoned: 1, answered: 0 });
      assert.deepEqual(account(), { abandoned: 1, answers: 1 });
    });

  const colleague = async () => {
    const bob = await rig.agent('bob');
    await rig.app.db.knex('campaign_agents').insert({ campaign_id: campaignId, user_id: bob });
    rig.app.bus.publish('campaign.changed', { campaignId });
    await rig.ready(bob);
    return bob;
  };
  /** What the switch was asked last: whether the customer is to hear music, and not to be heard. */
  const hearsMusic = () => link.done.findLast(([request]) => request === 'hold')?.[1][1];

  it('goes to a colleague who is free, and was too late for an answered call in time', async () => {
    const bob = await colleague();
    await rig.pass(3_000);
    await endSoundless();
    const isOn = ({ state }: AgentSnapshot) => state === 'on-call';
    const has = await whenAgent(rig, bob, 'has them', isOn, 1_000);
    assert.deepEqual([has.call?.id, has.call?.state], [callId, 'connected']);
    await rig.ask('agent.hangup', { userId: bob, callId });
    await rig.dialer.settled();
    const call = await row();
    assert.deepEqual([call.outcome, call.user_id, call.abandoned_at], ['answered', bob, call.connected_at]);
    assert.deepEqual(await figures(), { connected: 0, connectedLate: 1, abandoned: 1, answered: 1 });
    assert.deepEqual(account(), { abandoned: 1, answers: 1 });
  });

  it('hears the colleague, and is heard, also where they had been put on hold', async () => {
    const bob = await colleague();
    await rig.ask('agent.hold', { userId: ann, callId, on: true });
    assert.equal(hearsMusic(), true);
    await endSoundless();
    await whenAgent(rig, bob, 'has them', ({ call }) => call?.state === 'connected', 1_000);
    await rig.until('the music ends', () => hearsMusic() === false, 3_000);
  });

  it('hears who called without the music of a hold, also where the link came back as it was to end', async () => {
    await rig.ask('agent.hold', { userId: ann, callId, on: true });
    link.cutAt(4_000, (request, [, on]) => request === 'hold' && on === false);
    await endSoundless();
    await rig.pass(4_500);
    assert.equal(hearsMusic(), true);
    rig.sim.faults.dropSockets();
    await rig.until('the music ends', () => hearsMusic() === false, 5_000);
    assert.equal((await row()).state, 'announcing');
  });

  it('is an abandoned call also where they have hung up by then', async () => {
    rig.sim.hangUp(await rig.channelOf('PJSIP/trunk-'));
    await whenAgent(rig, ann, 'wraps up', ({ state }) => state === 'wrapup');
    await fold();
    assert.deepEqual(account(), { abandoned: 0, answers: 1 });
    await endSoundless();
    await rig.dialer.settled();
    const call = await row();
    assert.ok(call.abandoned_at > call.ended_at);
    assert.deepEqual(await figures(), { connected: 0, connectedLate: 1, abandoned: 1, answered: 1 });
    assert.deepEqual(account(), { abandoned: 1, answers: 1 });
  });

  it('has been answered where the phone was alive when they were put through', async () => {
    await rig.pass(soundlessMs + 1_000);
    await endSoundless();
    await rig.until('hears music', async () => (await row()).state === 'held', 2_000);
    await over();
    const call = await row();
    assert.deepEqual([call.outcome, call.user_id, call.abandoned_at], ['answered', ann, null]);
    assert.deepEqual(await figures(), { connected: 1, connectedLate: 0, abandoned: 0, answered: 1 });
  });
});
