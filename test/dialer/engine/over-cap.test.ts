import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Gate, GateRequest, Verdict } from '../../../campaigns/compliance/index.ts';
import { createPacer } from '../../../dialer/pacing/index.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';

const people = Array.from({ length: 60 }, (_, n) => `+14155551${String(100 + n)}`);

describe('a campaign that has abandoned more calls than its cap allows', () => {
  let rig: DialerRig;
  let isOver: boolean;
  /** Stages at which the gate refuses, once the campaign is over. */
  let stages: readonly GateRequest['stage'][];
  beforeEach(async () => {
    isOver = true;
    stages = ['reserve', 'dial'];
    const verdict = async (request: GateRequest): Promise<Verdict> => {
      const open = await openGate.mayCall(request);
      if (!isOver || request.path === 'progressive' || !stages.includes(request.stage)) return open;
      return { ...open, ...{ decision: 'block', allowed: false }, reasonCode: 'ABANDON_RATE_EXCEEDED' };
    };
    const gate: Gate = {
      ...openGate,
      mayCall: verdict,
      mayCallMany: (requests) => Promise.all(requests.map(verdict)),
    };
    rig = await dialerRig({
      dialer: {
        gate,
        // Asks for more lines than agents all the while: the gate alone holds it.
        pacerFactory(settings, past) {
          const pacer = createPacer(settings, past);
          return {
            observe: (event) => pacer.observe(event),
            decide(now, limits) {
              const decision = pacer.decide(now, limits);
              const more = 3 - decision.facts.ringing;
              return {
                ...decision,
                mode: 'predictive',
                launch: Math.max(0, Math.min(more, limits?.leads ?? 0)),
              };
            },
          };
        },
      },
    });
  });
  afterEach(() => rig.close());

  const start = async () => {
    const userId = await rig.agent('ann');
    const campaignId = await rig.campaign({
      ...{ numbers: people, mode: 'predictive', trunkIds: [await rig.trunk('First')], agentIds: [userId] },
    });
    await rig.dialer.start();
    await rig.ready(userId);
    return { userId, campaignId };
  };
  const paths = async () =>
    (await rig.app.db.knex('calls').orderBy('created_at').orderBy('id')).map(({ path }) => path as string);
  const underWay = async () => (await rig.calls()).filter(({ state }) => state !== 'ended').length;

  for (const [where, at] of [
    ['when leads are reserved', ['reserve', 'dial']],
    ['only in the moment of dialling', ['dial']],
  ] as const)
    it(`dials on, one line for each free agent, where the gate says so ${where}`, async () => {
      stages = at;
      const { userId, campaignId } = await start();
      await rig.until('somebody is called', async () => (await paths()).length > 0, 30_000);
      assert.deepEqual(new Set(await paths()), new Set(['progressive']));
      assert.equal(await underWay(), 1);
      const view = await rig.pacing(campaignId);
      assert.deepEqual([view.mode, view.reason], ['progressive', 'budget-spent']);
      await rig.until('they talk', async () => (await rig.snapshot(userId)).state === 'on-call');
      await rig.pass(3_000);
      assert.ok((await underWay()) <= 1, 'nobody else is called while the agent talks');
    });

  it('dials ahead again, by itself, once the gate allows it', async () => {
    await start();
    await rig.until('somebody is called', async () => (await paths()).length > 0, 30_000);
    isOver = false;
    await rig.until('it dials ahead', async () => (await paths()).includes('predictive'), 180_000);
  });
});
