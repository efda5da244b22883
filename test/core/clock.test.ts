import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { scaledClock, systemClock } from '../../core/clock/clock.ts';
import { ManualClock } from '../../core/clock/manual-clock.ts';

describe('clocks', () => {
  it('a manual clock fires timers in order of time, with the time each was due', async () => {
    const clock = new ManualClock(1_000);
    const fired: [string, number][] = [];
    const note = (name: string) => () => fired.push([name, clock.now()]);
    clock.after(30, note('late'));
    clock.after(10, note('early'));
    const cancel = clock.after(20, note('cancelled'));
    const stop = clock.every(12, note('tick'));
    cancel();
    clock.advance(25);
    stop();
    await clock.run(100, 10);
    assert.deepEqual(fired, [
      ['early', 1_010],
      ['tick', 1_012],
      ['tick', 1_024],
      ['late', 1_030],
    ]);
    assert.equal(clock.now(), 1_125);
  });

  for (const [name, clock, factor] of [
    ['the system', systemClock, 1],
    ['a scaled', scaledClock(10, 5_000), 10],
  ] as const)
    it(`${name} clock runs timers of its own time, and cancels them`, async () => {
      const began = clock.now();
      const cancel = clock.after(10 * factor, () => assert.fail('cancelled'));
      cancel();
      let ticks = 0;
      await new Promise<void>((resolve) => {
        const stop = clock.every(5 * factor, () => {
          if (++ticks === 3) {
            stop();
            clock.after(5 * factor, resolve);
          }
        });
      });
      assert.equal(ticks, 3);
      assert.ok(clock.now() - began >= 15 * factor);
    });
});
