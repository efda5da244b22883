import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/index.ts';
import type { Gate } from '../../../campaigns/compliance/index.ts';
import { createTrunkStore } from '../../../dialer/index.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';

const person = '+14155550101';
const other = '+14155550201';
const noAnswer = '+14155550104';
/** The trunk of these tests, without the rule. */
const fixed = {
  ...{ name: 'Cut short', host: '127.0.0.1', port: 5060, transport: 'udp' as const, username: null },
  ...{ register: false, loginInFrom: false, codecs: ['alaw' as const], channels: 100, callsPerSecond: 100 },
  ...{ callerId: '+14155550199', enabled: true },
};

describe('a call is asked for each time it leaves', () => {
  let rig: DialerRig;
  let campaignId: number;
  /** How often leave was asked to dial each call. */
  let asked: Map<string, number>;
  /** What happens when leave is asked for the second time; false: it is refused. */
  let second: () => Promise<boolean>;

  beforeEach(async () => {
    asked = new Map();
    second = async () => true;
    const gate: Gate = {
      ...openGate,
      async mayCall(request) {
        const verdict = await openGate.mayCall(request);
        if (request.stage !== 'dial') return verdict;
        const times = (asked.get(request.callId!) ?? 0) + 1;
        asked.set(request.callId!, times);
        if (times === 1 || (await second())) return verdict;
        return {
          ...verdict,
          allowed: false,
          decision: 'block',
          reasonCode: 'DNC_INTERNAL',
          outlook: 'never',
        };
      },
      mayCallMany: (requests) => Promise.all(requests.map((request) => gate.mayCall(request))),
    };
    rig = await dialerRig({ dialer: { gate } });
  });
  afterEach(() => rig.close());

  const twoTrunks = async () => {
    const userId = await rig.agent('ann');
    const trunkIds = [await rig.trunk('First'), await rig.trunk('Second')];
    rig.sim.setCarrier(`trunk-${trunkIds[0]}`, { channels: 0, callsPerSecond: 100 });
    campaignId = await rig.campaign({ numbers: [person], trunkIds, agentIds: [userId] });
    await rig.dialer.start();
    await rig.ready(userId);
  };
  const ended = () =>
    rig.until('it has ended', async () => (await rig.calls())[0]?.state === 'ended', 30_000);
  const invites = () => rig.sim.invites().map(({ trunk }) => trunk);

  // Fault: the first trunk refuses the call.
  it('goes over the second trunk when the gate still lets it', async () => {
    await twoTrunks();
    await rig.until('the second trunk has it', () => invites().length === 2, 10_000);
    assert.deepEqual([...asked.values()], [2]);
  });

  // Fault: the first trunk refuses the call, and the number was put on a DNC list meanwhile.
  it('does not go over the second trunk to whom may not be called any more', async () => {
    second = async () => false;
    await twoTrunks();
    await ended();
    assert.equal((await rig.calls())[0]?.outcome, 'congestion');
    assert.deepEqual(invites(), ['trunk-1']);
  });

  // Fault: the first trunk refuses the call, and the campaign is paused meanwhile.
  it('does not go over the second trunk for a campaign that runs no more', async () => {
    second = async () => {
      await createCampaignStore(rig.app).transition(campaignId, 'pause', rig.app.clock.now());
      for (;;) {
        if ((await rig.pacing(campaignId)).reason === 'not-running') return true;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await twoTrunks();
    await ended();
    assert.equal((await rig.calls())[0]?.outcome, 'congestion');
    assert.deepEqual(invites(), ['trunk-1']);
  });

  it('asks again after a wait for the trunk’s calls per second', async () => {
    second = async () => false;
    const agents = [await rig.agent('ann'), await rig.agent('bob')];
    const trunkIds = [await rig.trunk('Slow', { callsPerSecond: 1 })];
    campaignId = await rig.campaign({ numbers: [], trunkIds, agentIds: agents });
    await rig.dialer.start();
    for (const userId of agents) await rig.ready(userId);
    const numbers = [person, other];
    await Promise.all(
      agents.map((userId, n) => rig.ask('agent.dial', { userId, campaignId, e164: numbers[n]! })),
    );
    await rig.until('one has been given up', async () =>
      (await rig.calls()).some(({ outcome }) => outcome === 'cancelled'),
    );
    assert.deepEqual([...asked.values()].sort(), [1, 2]);
    assert.equal(invites().length, 1);
  });

  const rules = [{ match: '+', strip: 12, add: '9' }];
  const onTrunks = async (...trunkIds: number[]) => {
    const userId = await rig.agent('ann');
    campaignId = await rig.campaign({ numbers: [person], trunkIds, agentIds: [userId] });
    await rig.dialer.start();
    await rig.ready(userId);
  };

  // Fault: the trunk's rule cuts the whole number, as one stored before such rules were refused may do.
  it('does not go over a trunk whose rule leaves nothing of the number: the page says so, and no attempt is lost', async () => {
    const trunkId = await rig.trunk('Cut short', { prefixRules: rules });
    await onTrunks(trunkId);
    await ended();
    await rig.dialer.settled();
    assert.equal((await rig.calls())[0]?.outcome, 'failed');
    assert.deepEqual(invites(), []);
    const [lead] = await rig.leads();
    assert.deepEqual([lead?.state, lead?.attempts], ['waiting', 0]);
    const { notDialing } = await rig.pacing(campaignId);
    assert.deepEqual([notDialing?.code, notDialing?.params], ['trunk-rule', { trunk: 'Cut short' }]);
    assert.equal(rig.dialer.status().trunks[0]?.failing, false);
    const test = await rig.ask('trunk.test', { trunkId, e164: person });
    assert.equal(test.outcome, 'trunk-rule');
    await createTrunkStore(rig.app).update(trunkId, { ...fixed, prefixRules: [] }, rig.app.clock.now() + 1);
    await rig.until('it is called once the rule is changed', () => invites().length === 1);
    assert.equal((await rig.pacing(campaignId)).notDialing, null);
  });

  // Fault: as above, on the first of two trunks.
  it('goes over the next trunk when the rule of the first leaves nothing of the number', async () => {
    const first = await rig.trunk('Cut short', { prefixRules: rules });
    await onTrunks(first, await rig.trunk('Whole'));
    await rig.until('the second trunk has it', () => invites().length === 1);
    assert.deepEqual(invites(), ['trunk-2']);
    assert.equal((await rig.calls()).length, 1);
  });
});

describe('a call that the switch gives no answer for', () => {
  // Fault: the switch stands still when a call is given to it.
  it('keeps its channel of the trunk until it can turn up no more', async () => {
    const rig = await dialerRig({ callMs: 200 });
    try {
      const userId = await rig.agent('ann');
      const trunkIds = [await rig.trunk('Narrow', { channels: 1 })];
      const campaignId = await rig.campaign({ numbers: [], trunkIds, agentIds: [userId] });
      await rig.dialer.start();
      await rig.ready(userId);
      rig.sim.faults.freeze(true);
      await rig.ask('agent.dial', { userId, campaignId, e164: person });
      await rig.until('it was given up', async () => (await rig.calls())[0]?.state === 'ended', 60_000);
      assert.equal((await rig.calls())[0]?.outcome, 'failed');
      const inUse = () => rig.dialer.status().trunks[0]?.channelsInUse;
      const givenUpAt = rig.app.clock.now();
      await rig.until('it is free again', () => inUse() === 0, 180_000, 500);
      const heldMs = rig.app.clock.now() - givenUpAt;
      assert.ok(heldMs >= 100_000, `held for ${heldMs} ms`);
    } finally {
      await rig.close();
    }
  });

  // Fault: the switch takes the call, and its answer comes too late.
  it('gives the channel back as soon as the switch tells of its end', async () => {
    const rig = await dialerRig({ callMs: 200 });
    try {
      const userId = await rig.agent('ann');
      const trunkIds = [await rig.trunk('Narrow', { channels: 1 })];
      const campaignId = await rig.campaign({ numbers: [], trunkIds, agentIds: [userId] });
      await rig.dialer.start();
      await rig.ready(userId);
      rig.sim.faults.setDelay(400);
      await rig.ask('agent.dial', { userId, campaignId, e164: noAnswer });
      await rig.until('it was given up', async () => (await rig.calls())[0]?.state === 'ended', 60_000);
      rig.sim.faults.setDelay(0);
      const givenUpAt = rig.app.clock.now();
      await rig.until('it is free again', () => rig.dialer.status().trunks[0]?.channelsInUse === 0, 60_000);
      assert.ok(rig.app.clock.now() - givenUpAt < 60_000);
      assert.equal(rig.sim.stats().channelsNow, 1, 'the agent’s leg alone');
    } finally {
      await rig.close();
    }
  });
});
