import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { SlowFacts } from '../../../dialer/engine/slow-facts.ts';

describe('the pause after a look that was too slow', () => {
  let clock: ManualClock;
  let inTime: boolean;
  let looks: number;
  let slow: SlowFacts;

  beforeEach(() => {
    clock = new ManualClock();
    inTime = true;
    looks = 0;
    slow = new SlowFacts(clock, async () => {
      looks += 1;
      return inTime;
    });
  });
  /** For how long it lasts, in seconds. */
  const lasts = async () => {
    const from = clock.now();
    while (slow.isOn) await clock.run(1_000, 1_000);
    return (clock.now() - from) / 1_000;
  };

  it('counts all who pick up during it as one trouble', async () => {
    slow.begin();
    await clock.run(5_000, 1_000);
    slow.begin();
    assert.equal(slow.until, clock.now() + 10_000);
    assert.equal(await lasts(), 10);
    assert.equal(slow.until, null);
  });

  it('fault: the database stays slow – nothing is dialled until it has answered somebody who is not on the line', async () => {
    inTime = false;
    slow.begin();
    await clock.run(95_000, 1_000);
    assert.equal(slow.isOn, true);
    assert.ok(slow.until! > clock.now());
    assert.equal(looks, 9);
    inTime = true;
    assert.equal(await lasts(), 5);
  });

  it('fault: it is quick when looked at and slow when somebody waits – each pause is twice as long, up to five minutes', async () => {
    const pauses: number[] = [];
    for (let n = 0; n < 7; n++) {
      slow.begin();
      pauses.push(await lasts());
      await clock.run(30_000, 1_000);
    }
    assert.deepEqual(pauses, [10, 20, 40, 80, 160, 300, 300]);
    await clock.run(10 * 60_000, 1_000);
    slow.begin();
    assert.equal(await lasts(), 10, 'it was over for long');
  });
});
