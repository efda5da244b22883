import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/index.ts';
import type { Gate } from '../../../campaigns/compliance/index.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';

const person = '+14155550101';
const other = '+14155550201';

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
});
