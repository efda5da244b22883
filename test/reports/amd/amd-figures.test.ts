import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  amdFigures,
  hungUpOnPerThousand,
  isCertainlyOver,
  noAmdCounts,
  wilson,
  z99,
} from '../../../reports/amd/amd-figures.ts';

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
    const { falsePositive, falseNegative } = amdFigures(counts);
    // 400 × 2/40 = 20 people taken for machines, 600 × 540/550 = 589.1 who were not.
    near(falsePositive!.rate, 20 / (20 + 589.09));
    // 600 × 10/550 = 10.9 machines taken for people, 380 that were not.
    near(falseNegative!.rate, 10.909 / (10.909 + 380));
    for (const one of [falsePositive!, falseNegative!]) assert.ok(one.low < one.rate && one.rate < one.high);
    // 40 of 400 were not hung up on.
    near(hungUpOnPerThousand(counts, amdFigures(counts))!, 1_000 * falsePositive!.rate * 0.9, 0.01);
  });

  it('say nothing where nobody has checked, and of no machines that none was a person', () => {
    const unchecked = { ...counts, checkedPersons: 0, checkedMachines: 0 };
    assert.deepEqual(amdFigures(unchecked), { falsePositive: null, falseNegative: null });
    assert.equal(amdFigures({ ...unchecked, machines: 0 }).falsePositive!.rate, 0);
    assert.equal(amdFigures(noAmdCounts).falsePositive, null);
    assert.equal(hungUpOnPerThousand(unchecked, amdFigures(unchecked)), null);
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
      const { falsePositive } = amdFigures({
        ...noAmdCounts,
        ...{ passed: 600, passedPersons, passedMachines: 300 - passedPersons },
        ...{ machines: 400, checked: 60, checkedPersons, checkedMachines: 60 - checkedPersons },
      });
      const truth = 20 / (20 + 540);
      if (falsePositive!.low <= truth && truth <= falsePositive!.high) held += 1;
    }
    assert.ok(held / rounds >= 0.95, `${held} of ${rounds}`);
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
    const over = amdFigures(found(9, 91), z99).falsePositive!;
    assert.equal(isCertainlyOver(found(9, 91), over.low - 1e-9), true);
    assert.equal(isCertainlyOver(found(9, 91), over.low), false);
  });
});
