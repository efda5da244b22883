import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { createLog } from '../../../core/log/log.ts';
import { TrunkReach } from '../../../dialer/engine/trunk-reach.ts';
import { TelephonyError, type RegistrationState } from '../../../dialer/telephony/telephony.ts';
import { TrunkPool } from '../../../dialer/trunks/trunk-pool.ts';
import type { Trunk } from '../../../dialer/trunks/trunk.ts';

type Parts = ConstructorParameters<typeof TrunkReach>[0];

describe('the way to the carriers', () => {
  const begin = () => {
    const clock = new ManualClock();
    const trunks = new TrunkPool();
    trunks.load([{ id: 1, enabled: true, channels: 1, callsPerSecond: 1, updatedAt: 0 } as Trunk]);
    const now = { online: true, registration: null as RegistrationState | null, fails: false };
    const telephony = {
      state: 'up',
      endpoints: async () => {
        if (now.fails) throw new TelephonyError('timeout', 'no answer');
        return [{ endpoint: 'PJSIP/trunk-1', online: now.online }];
      },
      registrations: async () => new Map(now.registration ? [['trunk-1', now.registration]] : []),
    };
    const app = { clock, log: createLog('silent') };
    const reach = new TrunkReach({ telephony, trunks, app } as unknown as Parts);
    const after = async (ms: number) => {
      clock.advance(ms);
      await reach.look();
      return reach.troubleOf(1, clock.now());
    };
    return { clock, now, after };
  };

  it('tells of a carrier that is away once the switch has had time to ask it, and since when', async () => {
    const { clock, now, after } = begin();
    now.online = false;
    const since = clock.now();
    assert.equal(await after(0), null);
    assert.equal(await after(30_000), null);
    assert.deepEqual(await after(15_000), { trouble: 'unreachable', since });
    now.online = true;
    assert.equal(await after(15_000), null);
  });

  it('tells of a refused registration at once, and of one that nobody answers after a while', async () => {
    const { clock, now, after } = begin();
    now.registration = 'rejected';
    const since = clock.now();
    assert.deepEqual(await after(0), { trouble: 'rejected', since });
    assert.deepEqual(await after(60_000), { trouble: 'rejected', since });
    now.registration = 'unregistered';
    assert.equal(await after(0), null);
    assert.equal((await after(45_000))?.trouble, 'unregistered');
    now.registration = 'registered';
    assert.equal(await after(0), null);
  });

  it('fault: the switch does not answer – what was known stays', async () => {
    const { now, after } = begin();
    now.registration = 'rejected';
    await after(0);
    now.fails = true;
    assert.equal((await after(15_000))?.trouble, 'rejected');
  });
});
