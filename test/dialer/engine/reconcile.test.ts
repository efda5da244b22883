import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { Telephony } from '../../../dialer/telephony/index.ts';
import { defaultAmdSettings } from '../../../campaigns/campaigns/amd-settings.ts';
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

  describe('while detection listens', () => {
    const talksOn = '+14155550101';
    const start = async (number: string, telephony?: (made: Telephony) => Telephony) => {
      rig = await dialerRig({ telephony });
      const { userId } = await startOneAgent(rig, [number], {
        amd: true,
        amdSettings: { ...defaultAmdSettings, checkShare: 0 },
      });
      await rig.ready(userId);
      await rig.until('it listens', async () => (await rig.calls())[0]?.state === 'detecting');
      return userId;
    };
    const deaf = (made: Telephony): Telephony =>
      new Proxy(made, {
        get(target, key) {
          if (key === 'on')
            return (listener: Parameters<Telephony['on']>[0]) =>
              target.on((event) => event.type === 'amd' || listener(event));
          const value = Reflect.get(target, key) as unknown;
          return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
        },
      });
    const cut = async () => {
      rig.sim.faults.dropSockets();
      await rig.until('the link is down', () => rig.dialer.status().switch !== 'up');
    };
    const linked = () => rig.until('the switch is up', () => rig.dialer.status().switch === 'up');
    const outcome = () => rig.until('it is over', async () => (await rig.calls())[0]?.outcome, 30_000);

    it('fault: the link is cut for a moment – the machine is one, and no abandoned call', async () => {
      await start('+14155550110');
      await cut();
      await linked();
      assert.equal(await outcome(), 'machine');
      assert.equal((await rig.app.db.knex('calls').first()).abandoned_at, null);
    });

    it('fault: the link is cut while it says what it has heard – the person is met', async () => {
      const userId = await start(talksOn);
      await cut();
      const met = async () => (await rig.snapshot(userId)).state === 'on-call';
      // In small steps: half a second is all that is left for an agent.
      await rig.until('they talk', met, 10_000, 4);
    });

    it('fault: its word is lost and the line is not – the switch is asked, and within seconds the person is met', async () => {
      const userId = await start(talksOn, deaf);
      await whenAgent(rig, userId, 'they talk', ({ state }) => state === 'on-call', 8_000);
    });

    it('fault: the dialer is killed – the next one hears what detection says', async () => {
      const userId = await start(talksAndHangsUp);
      await rig.dialer.settled();
      await rig.dialer.close();
      await rig.restart();
      await whenAgent(rig, userId, 'in the talk', ({ state }) => state === 'on-call', 5_000);
    });
  });
});
