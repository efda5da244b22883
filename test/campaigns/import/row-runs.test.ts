import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { packRows, unpackRows, type TakenRow } from '../../../campaigns/import/row-runs.ts';

const step = fc.record({
  gap: fc.integer({ min: 1, max: 3 }),
  verdict: fc.constantFrom('new' as const, 'merged' as const, 'dnc' as const),
  created: fc.boolean(),
  jump: fc.oneof(fc.constant(1), fc.integer({ min: -5, max: 9 })),
});

describe('rows of an import, packed', () => {
  it('come out as they went in, after any row and of any verdict', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 90 }), (steps, after) => {
        let number = 1;
        let customerId = 1_000;
        const rows = steps.map(({ gap, verdict, created, jump }): TakenRow => {
          number += gap;
          customerId += jump;
          return { number, verdict, customerId, created };
        });
        const packed = packRows(rows);
        const behind = rows.filter((row) => row.number > after);
        assert.deepEqual([...unpackRows(packed, after)], behind);
        const only = behind.filter(({ verdict }) => verdict === 'dnc');
        assert.deepEqual([...unpackRows(packed, after, ['dnc'])], only);
      }),
    );
  });

  it('a list of new people is one run', () => {
    const rows = Array.from({ length: 2_000 }, (_, row): TakenRow => ({ number: row + 2, verdict: 'new', customerId: row + 7, created: true })); // prettier-ignore
    assert.equal(packRows(rows), '[[2,2000,0,1,7]]');
  });
});
