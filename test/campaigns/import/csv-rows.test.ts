import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import { describe, it } from 'mocha';
import { splitRows } from '../../../campaigns/import/csv-rows.ts';
import { seeded } from './mutate.ts';

const texts = 6_000;
const random = seeded(99);
const below = (count: number) => Math.floor(random() * count);
const signs = ['a', 'b', ' ', '"', '""', '","', '"\n"', ',', ',', '\n', '\r\n', '\r', ';', '李'];

function forgiven(text: string): string[][] | null {
  try {
    return parse(text, {
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
    });
  } catch {
    return null;
  }
}

describe('splitting up a text by the rules of CSV', () => {
  it(`finds in ${texts} texts the records that a parser by character finds, in however many pieces they come`, () => {
    let whole = 0;
    for (let count = 0; count < texts; count++) {
      const text = Array.from({ length: below(14) }, () => signs[below(signs.length)]).join('');
      const rows: string[][] = [];
      let rest = '';
      let odd = false;
      for (let from = 0; !odd;) {
        const end = random() < 0.5 ? text.length : Math.min(text.length, from + 1 + below(5));
        const last = end === text.length && random() < 0.5;
        const split = splitRows(rest + text.slice(from, end), ',', last);
        rows.push(...split.rows);
        rest = (rest + text.slice(from, end)).slice(split.end);
        odd = split.odd;
        from = end;
        if (odd) rest += text.slice(end);
        if (last) break;
      }
      const expected = forgiven(text);
      if (!odd) whole += 1;
      // What is odd is left to the other parser, from the record where it begins.
      const all = odd ? forgiven(rest) : [];
      assert.deepEqual(all && [...rows, ...all], expected, JSON.stringify(text));
    }
    assert.ok(whole > texts / 4, `${whole} without the other parser`);
  });
});
