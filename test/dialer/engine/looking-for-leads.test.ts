import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { Gate } from '../../../campaigns/compliance/index.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent } from '../../support/one-agent.ts';

describe('a campaign whose first agent has just become ready', () => {
  let rig: DialerRig;
  afterEach(() => rig.close());

  it('says that leads are being looked up, and that there are none only when that is known (fault: a slow database)', async () => {
    let answer = (): void => {};
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const gate: Gate = {
      ...openGate,
      mayCallMany: async (requests) => (await answered, openGate.mayCallMany(requests)),
    };
    rig = await dialerRig({ dialer: { gate } });
    const { userId, campaignId } = await startOneAgent(rig, ['+14155550101'], { wrapupLimitMs: 1_000 });
    await rig.ready(userId);
    const looked = async () => {
      const view = await rig.pacing(campaignId);
      return view.reason === '' ? null : view;
    };
    const first = await rig.until('a decision', looked);
    assert.deepEqual([first.reason, first.facts.limit, first.hopper], ['looking-for-leads', null, 0]);
    answer();
    const state = async () => (await rig.snapshot(userId)).state;
    await rig.until('they talk', async () => (await state()) === 'on-call', 20_000);
    const callId = (await rig.snapshot(userId)).call!.id;
    await rig.ask('agent.hangup', { userId, callId });
    await rig.until('waits for the next', async () => (await state()) === 'ready', 20_000);
    const said = async () => (await rig.pacing(campaignId)).reason === 'no-leads';
    await rig.until('says that there are no more', said, 20_000);
  });
});
