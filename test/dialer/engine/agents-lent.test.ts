import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { whenAgent } from '../../support/one-agent.ts';

const answersLate = '+14155550102';
const person = '+14155550104';

describe('a campaign whose agents another one has', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let userId: number;
  let campaignId: number;

  beforeEach(async () => {
    rig = await dialerRig();
  });
  afterEach(() => rig.close());

  const start = async (mode: 'progressive' | 'preview') => {
    userId = await rig.agent('ann');
    const both = { trunkIds: [await rig.trunk('First')], agentIds: [userId] };
    await rig.campaign({ ...both, numbers: [answersLate], priority: 1, name: 'Autumn' });
    campaignId = await rig.campaign({ ...both, numbers: [person], priority: 9, name: 'Winter', mode });
    await rig.dialer.start();
    await rig.ready(userId);
  };
  const isLent = async () => {
    const { notDialing } = await rig.pacing(campaignId);
    return notDialing?.code === 'agents-lent' ? notDialing.params : null;
  };

  for (const mode of ['progressive', 'preview'] as const)
    it(`says which one, while its line rings and while they talk (${mode})`, async () => {
      await start(mode);
      const isRinging = async () => (await rig.calls()).length > 0;
      await rig.until('the other one dials', isRinging);
      assert.equal((await rig.snapshot(userId)).state, 'ready');
      assert.deepEqual(await rig.until('said while it rings', isLent), { campaign: 'Autumn' });
      await whenAgent(rig, userId, 'they talk', ({ state }) => state === 'on-call');
      assert.deepEqual(await isLent(), { campaign: 'Autumn' });
    });
});
