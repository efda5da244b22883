import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { shareAgents, shareOut, type Claim } from '../../../dialer/pacing/index.ts';

const granted = (supply: number, claims: Claim[]): number[] =>
  shareOut(supply, claims).map((share) => share.granted);

describe('sharing out between campaigns', () => {
  it('goes by weight among equals', () => {
    assert.deepEqual(
      granted(40, [
        { id: 'a', priority: 1, weight: 3, wanted: 100 },
        { id: 'b', priority: 1, weight: 1, wanted: 100 },
      ]),
      [30, 10],
    );
  });

  it('gives nine tenths to the higher priority and leaves the lower a part', () => {
    assert.deepEqual(
      granted(100, [
        { id: 'a', priority: 2, weight: 1, wanted: 500 },
        { id: 'b', priority: 1, weight: 1, wanted: 500 },
      ]),
      [95, 5],
    );
  });

  it('hands on what the higher one cannot use', () => {
    assert.deepEqual(
      granted(100, [
        { id: 'a', priority: 2, weight: 1, wanted: 20 },
        { id: 'b', priority: 1, weight: 1, wanted: 500 },
      ]),
      [20, 80],
    );
  });

  it('lets a campaign of low priority have its turn even with one launch at a time', () => {
    let claims: Claim[] = [
      { id: 'a', priority: 9, weight: 1, wanted: 5 },
      { id: 'b', priority: 1, weight: 1, wanted: 5 },
    ];
    let low = 0;
    for (let round = 0; round < 200; round++) {
      const shares = shareOut(1, claims);
      low += shares[1]!.granted;
      claims = claims.map((claim, index) => ({ ...claim, credit: shares[index]!.credit }));
    }
    assert.ok(low >= 8 && low <= 14, `${low} of 200`);
  });

  it('gives out all that is there and wanted, and never more than either', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.array(
          fc.record({
            priority: fc.integer({ min: 0, max: 3 }),
            weight: fc.integer({ min: 1, max: 9 }),
            wanted: fc.nat(90),
            credit: fc.double({ min: -2, max: 2, noNaN: true }),
          }),
          { maxLength: 8 },
        ),
        (supply, rows) => {
          const claims = rows.map((row, index) => ({ ...row, id: String(index) }));
          const shares = shareOut(supply, claims);
          const sum = shares.reduce((all, share) => all + share.granted, 0);
          const wanted = claims.reduce((all, claim) => all + claim.wanted, 0);
          assert.equal(sum, Math.min(supply, wanted));
          shares.forEach((share, index) => {
            assert.ok(Number.isInteger(share.granted) && share.granted >= 0);
            assert.ok(share.granted <= claims[index]!.wanted);
          });
        },
      ),
    );
  });

  it('lends each agent to one campaign that he or she may serve, and moves as few as it can', () => {
    const both = ['a', 'b'];
    const agents = Array.from({ length: 10 }, (_, n) => ({
      id: `g${n}`,
      campaignIds: n === 9 ? ['b'] : both,
      campaignId: n < 5 ? 'a' : null,
    }));
    const lent = shareAgents(agents, [
      { id: 'a', priority: 1, weight: 1, wanted: 50 },
      { id: 'b', priority: 1, weight: 1, wanted: 50 },
    ]);
    for (let n = 0; n < 5; n++) assert.equal(lent.get(`g${n}`), 'a', 'stays');
    for (let n = 5; n < 10; n++) assert.equal(lent.get(`g${n}`), 'b');
    const alone = shareAgents(agents, [{ id: 'a', priority: 1, weight: 1, wanted: 50 }]);
    assert.equal(alone.get('g8'), 'a');
    assert.equal(alone.get('g9'), null, 'may not serve a');
  });
});
