import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { whenAgent } from '../../support/one-agent.ts';

const answersLate = '+14155550102';
const listed = '+14155550104';

describe('an agent of a preview campaign and one that dials ahead', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let userId: number;

  beforeEach(async () => {
    rig = await dialerRig();
  });
  afterEach(() => rig.close());

  const start = async (dialled: { numbers: string[]; priority: number }, previews: { priority: number }) => {
    userId = await rig.agent('ann');
    const both = { trunkIds: [await rig.trunk('First')], agentIds: [userId] };
    await rig.campaign({ ...both, ...dialled, name: 'Dialled' });
    await rig.campaign({ ...both, ...previews, name: 'Previews', mode: 'preview', numbers: [listed] });
    await rig.dialer.start();
    await rig.ready(userId);
  };
  const when = (what: string, is: (snapshot: AgentSnapshot) => boolean) => whenAgent(rig, userId, what, is);

  it('is not taken by a preview while a line rings for them', async () => {
    await start({ numbers: [answersLate], priority: 1 }, { priority: 9 });
    const isAtWork = ({ state, preview }: AgentSnapshot) => state === 'on-call' || preview !== null;
    assert.equal((await when('at work', isAtWork)).state, 'on-call');
    const [only, ...others] = await rig.calls();
    assert.deepEqual([only!.e164, others], [answersLate, []]);
  });

  it('gets previews where these come first, and no line rings for them meanwhile', async () => {
    await start({ numbers: [answersLate], priority: 9 }, { priority: 1 });
    await when('a preview', ({ preview }) => preview !== null);
    await rig.pass(2_000);
    assert.deepEqual(await rig.calls(), []);
  });

  it('gets previews where the other has nothing to dial', async () => {
    await start({ numbers: [], priority: 1 }, { priority: 9 });
    await when('a preview', ({ preview }) => preview !== null);
  });
});
