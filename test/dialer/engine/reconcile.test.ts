import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { Telephony } from '../../../dialer/telephony/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const talksAndHangsUp = '+14155550103';

describe('reconciliation with the switch', () => {
  let rig: DialerRig;
  afterEach(() => rig.close());

  it('fault: the switch lists its channels while a call is on its way to it – the call goes on and is talked', async () => {
    let listed = 0;
    let letGo: (() => void) | null = null;
    /** A customer’s leg stays on its way until it is let go. */
    const slow = (made: Telephony): Telephony =>
      new Proxy(made, {
        get(target, key) {
          if (key === 'originate')
            return async (wanted: Parameters<Telephony['originate']>[0]) => {
              if (wanted.channelId.startsWith('rw-call-'))
                await new Promise<void>((resolve) => (letGo = resolve));
              return target.originate(wanted);
            };
          if (key === 'channels') listed++;
          const value = Reflect.get(target, key) as unknown;
          return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
        },
      });
    rig = await dialerRig({ telephony: slow });
    const { userId } = await startOneAgent(rig, [talksAndHangsUp]);
    await rig.ready(userId);
    await rig.until('a call is on its way', () => letGo);
    const before = listed;
    rig.sim.faults.dropSockets();
    await rig.until('the switch was asked what it has', () => listed > before);
    await rig.until('the switch is up again', () => rig.dialer.status().switch === 'up');
    await rig.pass(500);
    letGo!();
    await whenAgent(rig, userId, 'in the talk', ({ state }) => state === 'on-call');
    await whenAgent(rig, userId, 'in wrap-up', ({ state }) => state === 'wrapup');
    assert.deepEqual(
      (await rig.calls()).map(({ outcome }) => outcome),
      ['answered'],
    );
  });
});
