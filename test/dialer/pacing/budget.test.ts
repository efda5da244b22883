import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { abandonCapExceeded, withHungUpOn } from '../../../campaigns/compliance/abandonment.ts';
import { AbandonBudget } from '../../../dialer/pacing/budget.ts';
import { binomialAbove, linesCovered } from '../../../dialer/pacing/guard.ts';
import { nine } from './floor-of-events.ts';

const day = 86_400_000;

describe('the abandonment account', () => {
  it('agrees with the formula that gate and reports use', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(30), (connected, abandoned) => {
        const budget = new AbandonBudget(0.03, day);
        for (let k = 0; k < connected; k++) budget.connected(nine);
        for (let k = 0; k < abandoned; k++) budget.abandoned(nine);
        assert.equal(budget.left < -1e-6, abandonCapExceeded({ connected, abandoned }, 0.03));
      }),
    );
  });

  it('counts people hung up on by estimate as the formula does that has them in it', () => {
    fc.assert(
      fc.property(
        fc.nat(400),
        fc.nat(30),
        fc.double({ min: 0, max: 20, noNaN: true }),
        (connected, abandoned, hungUpOn) => {
          const budget = new AbandonBudget(0.03, day);
          for (let k = 0; k < connected; k++) budget.connected(nine);
          for (let k = 0; k < abandoned; k++) budget.abandoned(nine);
          budget.estimated = hungUpOn;
          const counts = withHungUpOn({ connected, abandoned, hungUpOn });
          assert.equal(budget.left < -1e-6, abandonCapExceeded(counts, 0.03));
        },
      ),
    );
  });

  it('forgets what has left the window, and not before', () => {
    const budget = new AbandonBudget(0.1, day);
    budget.abandoned(nine);
    for (let k = 0; k < 9; k++) budget.connected(nine + 3_600_000);
    budget.advanceTo(nine + day - 600_000);
    assert.ok(Math.abs(budget.left) < 1e-9);
    budget.advanceTo(nine + day + 600_000);
    assert.equal(budget.abandons, 0);
    assert.ok(Math.abs(budget.left - 0.9) < 1e-9);
    budget.advanceTo(nine + 40 * day);
    assert.equal(budget.answers, 0);
  });

  it('takes the worse of both when the oldest cell is partly outside', () => {
    const budget = new AbandonBudget(0.1, day);
    for (let k = 0; k < 10; k++) budget.connected(nine);
    budget.abandoned(nine + 3_600_000);
    const atEdge = Math.floor(nine / 120_000) * 120_000 + day;
    budget.advanceTo(atEdge);
    assert.ok(Math.abs(budget.left - -0.9) < 1e-9, 'the ten answers no longer vouch for it');
  });

  it('counts a late event in its own time', () => {
    const budget = new AbandonBudget(0.1, day);
    budget.advanceTo(nine + day);
    budget.abandoned(nine + 3_600_000);
    budget.advanceTo(nine + day + 2 * 3_600_000);
    assert.equal(budget.abandons, 0);
  });
});

describe('the guard of the promise', () => {
  it('knows the binomial tail', () => {
    assert.ok(Math.abs(binomialAbove(1, 3, 0.5) - 0.5) < 1e-12);
    assert.ok(Math.abs(binomialAbove(0, 2, 0.1) - 0.19) < 1e-12);
    assert.equal(binomialAbove(3, 3, 0.9), 0);
    assert.equal(binomialAbove(0, 4, 1), 1);
  });

  it('always covers as many lines as agents and account, whatever the chance of an answer', () => {
    assert.equal(linesCovered(10, 0, 0, 1, 4.9), 4);
    assert.equal(linesCovered(10, 3, 3, 1, 4.9), 1);
  });

  it('lets more lines ring where answers are rare, none that could break the promise where they are not', () => {
    // Five lines at 0.5 %: more than two answers come once in 800,000.
    assert.equal(linesCovered(5, 0, 0, 0.005, 2), 5);
    // At 30 % a third answer of three lines comes in 2.7 % of cases: two lines are covered, three are not.
    assert.equal(linesCovered(5, 0, 0, 0.3, 2), 2);
  });
});
