import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  machineErrors,
  nothingHeard,
  weightedShare,
  wilson,
  z99,
  type Heard,
} from '../../../campaigns/compliance/index.ts';
import { hungUpOnPerThousand, isCertainlyOver, noAmdCounts } from '../../../reports/amd/amd-figures.ts';

const near = (value: number | undefined, wanted: number, by = 0.0005) =>
  assert.ok(value !== undefined && Math.abs(value - wanted) < by, `${value} is not ${wanted}`);

/** 0, 1, 2 … of a generator that is always the same. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

describe('figures of machine detection', () => {
  it('have the interval that Wilson gives', () => {
    // Newcombe (1998), Statistics in Medicine 17: 857-872, table I, method 3.
    near(wilson(81, 263).low, 0.2553);
    near(wilson(81, 263).high, 0.3662);
    near(wilson(0, 20).high, 0.1611);
    near(wilson(1, 29).low, 0.0061);
    near(wilson(1, 29).high, 0.1718);
    assert.deepEqual(wilson(0, 0), { rate: 0, low: 0, high: 1 });
  });

  const counts = {
    ...noAmdCounts,
    ...{ passed: 600, passedPersons: 540, passedMachines: 10 },
    ...{ machines: 400, checked: 40, checkedPersons: 2, checkedMachines: 38 },
  };

  it('conclude from the checks how many people are among those hung up on', () => {
    const { falsePositive, falseNegative } = machineErrors(counts);
    // 400 × 2/40 = 20 people taken for machines, 600 × 540/550 = 589.1 who were not.
    near(falsePositive!.rate, 20 / (20 + 589.09));
    // 600 × 10/550 = 10.9 machines taken for people, 380 that were not.
    near(falseNegative!.rate, 10.909 / (10.909 + 380));
    for (const one of [falsePositive!, falseNegative!]) assert.ok(one.low < one.rate && one.rate < one.high);
    // 40 of 400 were not hung up on.
    near(hungUpOnPerThousand(counts, machineErrors(counts))!, 1_000 * falsePositive!.rate * 0.9, 0.01);
  });

  it('say nothing where nobody has checked, and of no machines that none was a person', () => {
    const unchecked = { ...counts, checkedPersons: 0, checkedMachines: 0 };
    assert.deepEqual(machineErrors(unchecked), { falsePositive: null, falseNegative: null });
    assert.equal(machineErrors({ ...unchecked, machines: 0 }).falsePositive!.rate, 0);
    assert.equal(machineErrors(noAmdCounts).falsePositive, null);
    assert.equal(hungUpOnPerThousand(unchecked, machineErrors(unchecked)), null);
  });

  it('hold the true rate in at least 95 of 100 intervals', () => {
    const random = randomFrom(7);
    const drawn = (trials: number, share: number) => {
      let found = 0;
      for (let n = 0; n < trials; n += 1) if (random() < share) found += 1;
      return found;
    };
    const rounds = 1_000;
    let held = 0;
    for (let round = 0; round < rounds; round += 1) {
      const passedPersons = drawn(300, 0.9);
      const checkedPersons = drawn(60, 0.05);
      const { falsePositive } = machineErrors({
        ...noAmdCounts,
        ...{ passed: 600, passedPersons, passedMachines: 300 - passedPersons },
        ...{ machines: 400, checked: 60, checkedPersons, checkedMachines: 60 - checkedPersons },
      });
      const truth = 20 / (20 + 540);
      if (falsePositive!.low <= truth && truth <= falsePositive!.high) held += 1;
    }
    assert.ok(held / rounds >= 0.95, `${held} of ${rounds}`);
  });

  /** By day every other machine is checked and none is a person; in the evening, where agents are busy, one of twenty. */
  const byDay: Heard = {
    ...{ ...nothingHeard, passed: 300, passedPersons: 300 },
    ...{ machines: 400, checked: 200, checkedPersons: 0, checkedMachines: 200 },
  };
  const evening: Heard = {
    ...{ ...nothingHeard, passed: 700, passedPersons: 700 },
    ...{ machines: 800, checked: 40, checkedPersons: 8, checkedMachines: 32 },
  };
  const sumOf = (...heard: Heard[]) =>
    Object.fromEntries(
      Object.keys(nothingHeard).map((key) => [
        key,
        heard.reduce((sum, one) => sum + one[key as keyof Heard], 0),
      ]),
    ) as unknown as Heard;

  it('weigh each check by the chance that its hour gave it', () => {
    const all = sumOf(byDay, evening);
    const { falsePositive } = machineErrors({ ...all, hours: [byDay, evening] });
    // 0 of 400 and 800 × 8/40 of 1,000 people who were not; without weights it would be 1,200 × 8/240.
    near(falsePositive!.rate, 160 / 1_160);
    near(machineErrors(all).falsePositive!.rate, 40 / 1_040);
    const cells = [byDay, evening].map(({ machines, checkedPersons, checkedMachines }) => ({
      ...{ calls: machines, persons: checkedPersons, machines: checkedMachines },
    }));
    const hidden = weightedShare(cells);
    // Of 1/202 and 9/42, which are a third and two thirds; (200 × 2 + 40 × 20)² ÷ (200 × 4 + 40 × 400) is 85.7.
    const [few, many] = [1 / 202, 9 / 42];
    const mean = few / 3 + (2 * many) / 3;
    const variance = (few * (1 - few)) / 9 / 200 + (4 * many * (1 - many)) / 9 / 40;
    near(hidden.effective, (mean * (1 - mean)) / variance, 1e-6);
    assert.ok(hidden.effective < 85);
    const plain = wilson(hidden.rate * hidden.effective, hidden.effective);
    assert.deepEqual([hidden.low, hidden.high], [plain.low, plain.high]);
    assert.ok(hidden.high - hidden.low > wilson(32, 240).high - wilson(32, 240).low);
    // Where both hours have as many people, the weights alone count.
    const alike = cells.map((cell) => ({ ...cell, persons: cell.machines, machines: cell.machines }));
    const said = alike.map(({ machines }) => 2 * machines);
    near(weightedShare(alike).effective, 1_200 ** 2 / (400 ** 2 / said[0]! + 800 ** 2 / said[1]!), 1e-6);
  });

  it('are what they are without weights where each hour gave one chance', () => {
    const half = { ...byDay, checkedPersons: 10, checkedMachines: 190 };
    const { falsePositive } = machineErrors({ ...sumOf(half, half), hours: [half, half] });
    const whole = machineErrors(sumOf(half, half)).falsePositive!;
    for (const key of ['rate', 'low', 'high'] as const) near(falsePositive![key], whole[key], 1e-9);
  });

  it('join an hour of which too few have spoken with the one beside it, and leave no call out', () => {
    const cells = [
      { calls: 500, persons: 0, machines: 0 },
      { calls: 100, persons: 6, machines: 6 },
      { calls: 300, persons: 0, machines: 20 },
      { calls: 100, persons: 0, machines: 3 },
    ];
    // 600 of which half are people, and 400 of which none is.
    near(weightedShare(cells).rate, 0.3, 1e-9);
    assert.deepEqual(weightedShare([cells[0]!]), { rate: 0, low: 0, high: 1, effective: 0 });
  });

  it('hold the true rate in about 95 of 100 intervals also where the chance differs by hour', () => {
    const random = randomFrom(11);
    const drawn = (trials: number, share: number) => {
      let found = 0;
      for (let n = 0; n < trials; n += 1) if (random() < share) found += 1;
      return found;
    };
    const rounds = 1_000;
    const held = { weighed: 0, plain: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const hour = (machines: number, chance: number, share: number): Heard => {
        const checked = drawn(machines, chance);
        const checkedPersons = drawn(checked, share);
        return {
          ...{ ...nothingHeard, passed: 500, passedPersons: 500, machines, checked },
          ...{ checkedPersons, checkedMachines: checked - checkedPersons },
        };
      };
      const hours = [hour(400, 0.5, 0.02), hour(400, 0.2, 0.05), hour(800, 0.05, 0.2)];
      const truth = 188 / (188 + 1_500);
      const all = sumOf(...hours);
      for (const [key, of] of [
        ['weighed', { ...all, hours }],
        ['plain', all],
      ] as const) {
        const { low, high } = machineErrors(of).falsePositive!;
        if (low <= truth && truth <= high) held[key] += 1;
      }
    }
    assert.ok(held.weighed / rounds >= 0.93, `${held.weighed} of ${rounds}`);
    assert.ok(held.plain / rounds < 0.5, `${held.plain} of ${rounds} without weights`);
  });

  it('switch off with certainty only: not by a few checks, nor by a rate that may be chance', () => {
    const found = (persons: number, machines: number) => ({
      ...counts,
      checkedPersons: persons,
      checkedMachines: machines,
    });
    assert.equal(isCertainlyOver(found(20, 5), 0.03), false);
    assert.equal(isCertainlyOver(found(20, 10), 0.03), true);
    assert.equal(isCertainlyOver(found(4, 36), 0.03), false);
    const over = machineErrors(found(9, 91), z99).falsePositive!;
    assert.equal(isCertainlyOver(found(9, 91), over.low - 1e-9), true);
    assert.equal(isCertainlyOver(found(9, 91), over.low), false);
  });
});
