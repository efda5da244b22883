import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { Telephony } from '../../../dialer/telephony/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const people = [1, 2, 3, 4, 5, 6].map((n) => `+141555501${n}1`);

describe('fault: a switch that was started anew takes a while to learn its trunks', () => {
  let rig: DialerRig;
  afterEach(() => rig.close());

  /** From then on trunks are put only when they are let go. */
  let held: (() => void)[] | null = null;
  const slow = (made: Telephony): Telephony =>
    new Proxy(made, {
      get(target, key) {
        if (key === 'putEndpoint')
          return async (wanted: Parameters<Telephony['putEndpoint']>[0]) => {
            if (wanted.kind === 'trunk' && held) await new Promise<void>((resolve) => held!.push(resolve));
            return target.putEndpoint(wanted);
          };
        const value = Reflect.get(target, key) as unknown;
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      },
    });
  const start = async () => {
    held = null;
    rig = await dialerRig({ telephony: slow });
    const given = { mode: 'power', powerRatio: 3 };
    const { userId, campaignId } = await startOneAgent(rig, people, given, 'per-call');
    await rig.ask('agent.sign-in', { userId });
    held = [];
    await rig.killSwitch();
    await rig.until('it is noticed', () => rig.dialer.status().switch !== 'up');
    assert.equal((await rig.ask('agent.ready', { userId })).state, 'ready');
    await rig.startSwitch();
    await rig.until('the trunks are being put', () => held!.length > 0);
    assert.equal(rig.dialer.status().switch, 'up');
    return { userId, campaignId };
  };
  const letGo = () => {
    for (const go of held!.splice(0)) go();
    held = null;
  };

  it('no call leaves before it has', async () => {
    const { userId, campaignId } = await start();
    await rig.pass(2_000);
    assert.equal((await rig.pacing(campaignId)).notDialing?.code, 'switch-down');
    assert.deepEqual(await rig.calls(), []);
    letGo();
    await whenAgent(rig, userId, 'in a talk', ({ state }) => state === 'on-call', 20_000);
    await rig.dialer.settled();
    assert.equal(rig.dialer.status().trunks[0]?.failing, false);
    assert.deepEqual((await rig.calls()).filter(({ outcome }) => outcome === 'failed' || outcome === 'congestion'), []); // prettier-ignore
  });

  it('an agent who dials by hand is told so, and stays ready', async () => {
    const { userId, campaignId } = await start();
    const dial = () => rig.ask('agent.dial', { userId, campaignId, e164: people[0]! });
    await assert.rejects(dial(), { reason: 'switch-down' });
    assert.equal((await rig.snapshot(userId)).state, 'ready');
    letGo();
    await whenAgent(rig, userId, 'in a talk', ({ state }) => state === 'on-call', 20_000);
  });
});
