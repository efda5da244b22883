import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { compareShares } from '../../../dialer/line-health/compare.ts';
import { clearlyWorse, looksWell } from '../../../dialer/line-health/judge.ts';
import {
  delayAt,
  noCalls,
  sumOf,
  withOutcome,
  type SpanResult,
} from '../../../dialer/line-health/line-result.ts';
import { seededRandom } from '../../../dialer/telephony/simulator/random.ts';

const row = (
  subject: string,
  campaignId: number,
  at: number,
  given: Partial<SpanResult> & { calls: number },
): SpanResult => ({ ...noCalls, subject, campaignId, at, ...given });

describe('the comparison of shares', () => {
  it('comes to the figures that are known of two tables', () => {
    // Worked by hand: 10 of 40 against 40 of 80, and 5 of 20 against 10 of 20.
    const found = compareShares([
      { own: { hits: 10, of: 40 }, others: { hits: 40, of: 80 } },
      { own: { hits: 5, of: 20 }, others: { hits: 10, of: 20 } },
    ])!;
    const differences = 10 - (40 * 50) / 120 + (5 - (20 * 15) / 40);
    const variances = (40 * 80 * 50 * 70) / (120 ** 2 * 119) + (20 * 20 * 15 * 25) / (40 ** 2 * 39);
    assert.ok(Math.abs(found.z - (differences + 0.5) / Math.sqrt(variances)) < 1e-9);
    assert.ok(Math.abs(found.ratio - 0.5) < 1e-9);
    assert.ok(Math.abs(found.expected - 0.5) < 1e-9);
  });

  it('says nothing where there is nothing to compare', () => {
    assert.equal(compareShares([]), null);
    assert.equal(compareShares([{ own: { hits: 0, of: 90 }, others: { hits: 0, of: 0 } }]), null);
  });
});

describe('what speaks against a trunk', () => {
  const signs = (rows: SpanResult[], subject: string) => clearlyWorse(rows, subject).map(({ sign }) => sign);

  it('is a share of answers far below the others’ of the same campaigns', () => {
    const rows = [
      row('1', 7, 0, { calls: 400, answered: 30 }),
      row('2', 7, 0, { calls: 400, answered: 100 }),
    ];
    assert.deepEqual(signs(rows, '1'), ['answers']);
    assert.deepEqual(signs(rows, '2'), []);
    const [verdict] = clearlyWorse(rows, '1');
    assert.deepEqual([verdict!.own, verdict!.expected], [{ hits: 30, of: 400 }, 0.25]);
  });

  it('is no bad list: a campaign that few answer lowers its trunks alike', () => {
    // Trunk 1 carries nearly only the bad campaign, trunk 2 nearly only the good one.
    const rows = [
      row('1', 7, 0, { calls: 900, answered: 27 }),
      row('2', 7, 0, { calls: 100, answered: 3 }),
      row('1', 8, 0, { calls: 100, answered: 40 }),
      row('2', 8, 0, { calls: 900, answered: 360 }),
    ];
    assert.deepEqual(signs(rows, '1'), []);
    // As one heap they would differ by far.
    const heap = rows.map((each) => ({ ...each, campaignId: 1 }));
    assert.deepEqual(signs(heap, '1'), ['answers']);
  });

  it('is no bad hour either', () => {
    const rows = [
      row('1', 7, 0, { calls: 900, answered: 45 }),
      row('2', 7, 0, { calls: 100, answered: 5 }),
      row('1', 7, 300_000, { calls: 100, answered: 30 }),
      row('2', 7, 300_000, { calls: 900, answered: 270 }),
    ];
    assert.deepEqual(signs(rows, '1'), []);
  });

  it('needs enough calls, on it and beside it', () => {
    assert.deepEqual(
      signs([row('1', 7, 0, { calls: 40 }), row('2', 7, 0, { calls: 900, answered: 500 })], '1'),
      [],
    );
    assert.deepEqual(
      signs([row('1', 7, 0, { calls: 900 }), row('2', 7, 0, { calls: 40, answered: 30 })], '1'),
      [],
    );
    assert.deepEqual(signs([row('1', 7, 0, { calls: 900 })], '1'), []);
  });

  it('is that customers are gone at once, or that it rings late', () => {
    const rows = [
      row('1', 7, 0, { calls: 400, answered: 200, short: 90, rung: 380, late: 100 }),
      row('2', 7, 0, { calls: 400, answered: 200, short: 20, rung: 380, late: 10 }),
    ];
    assert.deepEqual(signs(rows, '1').sort(), ['late', 'short']);
    assert.deepEqual(signs(rows, '2'), []);
  });

  it('is hardly ever chance: of 1500 hours of trunks that are alike none is taken for bad, of bad ones nearly all are', () => {
    const random = seededRandom(20_261_130);
    const span = (subject: string, at: number, calls: number, share: number) => {
      let answered = 0;
      for (let n = 0; n < calls; n++) if (random() < share) answered += 1;
      return row(subject, 7, at, { calls, answered });
    };
    const hour = (own: number, calls: number) =>
      Array.from({ length: 12 }, (_, at) =>
        [own, 0.25, 0.25].map((share, index) => span(String(index + 1), at, calls, share)),
      ).flat();
    const count = (own: number, hours: number, calls: number) =>
      Array.from({ length: hours }, () => clearlyWorse(hour(own, calls), '1').length > 0).filter(Boolean)
        .length;
    for (const calls of [6, 20, 60]) assert.equal(count(0.25, 500, calls), 0, `${calls} calls in each span`);
    assert.ok(count(0.125, 50, 60) >= 48, 'half as many answers are seen within the hour');
  });
});

describe('a trunk that is tried again', () => {
  it('is well when a few calls do as the others’ did, and not when none is answered', () => {
    const others = row('2', 7, 0, { calls: 300, answered: 75 });
    assert.equal(looksWell([row('1', 7, 0, { calls: 30, answered: 6 }), others], '1'), true);
    assert.equal(looksWell([row('1', 7, 0, { calls: 30, answered: 1 }), others], '1'), false);
  });
});

describe('what calls came to', () => {
  it('is summed, with the delay that half and nearly all were rung within', () => {
    const one = [200, 300, 900, 900, 9_000].reduce(
      (sum, ringMs) => withOutcome(sum, { type: 'answered', ringMs }),
      noCalls,
    );
    const other = withOutcome(withOutcome(noCalls, { type: 'unanswered', words: 'busy', ringMs: null }), {
      type: 'short',
    });
    const sum = sumOf([one, other]);
    assert.deepEqual(
      [sum.calls, sum.answered, sum.short, sum.rung, sum.late, sum.causes],
      [6, 5, 1, 5, 1, { busy: 1 }],
    );
    assert.equal(delayAt(sum, 0.5), 1_000);
    assert.equal(delayAt(sum, 0.95), 9_250);
    assert.equal(delayAt(noCalls, 0.5), null);
  });
});
