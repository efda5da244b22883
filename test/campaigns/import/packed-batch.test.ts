import assert from 'node:assert/strict';
import { it } from 'mocha';
import fc from 'fast-check';
import { packBatch, unpackBatch } from '../../../campaigns/import/judging/packed-batch.ts';
import type { JudgedRow } from '../../../campaigns/import/judging/judge-file.ts';
import { loadLine, valuesOfLine } from '../../../core/database/bulk-load.ts';
import { customerLine } from '../../../crm/index.ts';

const text = fc.string({ unit: 'binary', maxLength: 30 });
const optional = fc.option(text);
const cells = fc.array(text, { maxLength: 5 });
const phone = fc.constantFrom('+12125550100', '+886223456789').map((e164) => ({ e164, type: 'mobile' as const })); // prettier-ignore
const phones = fc.array(phone, { minLength: 1, maxLength: 3 });
const custom = fc.dictionary(text.filter((key) => key !== '__proto__'), text, { noNullPrototype: true }); // prettier-ignore
const fields = fc.record(
  {
    ...{ name: text, salutation: optional, externalId: optional, language: optional, company: optional },
    ...{ email: optional, address: optional, addressRegion: optional, custom, phones, tags: cells },
  },
  { noNullPrototype: true },
);
const good = fc
  .tuple(fc.nat(), cells, fields, optional, fc.constantFrom(null, 'dnc' as const))
  .map(([number, own, all, note, bar]): JudgedRow => ({
    ...{ number, cells: own, bar },
    row: {
      key: all,
      fields: all,
      line: null,
      note,
      consents: note ? ['opt_in'] : [],
      unread: note ? [note] : [],
    },
  }));
const bad = fc.tuple(fc.nat(), cells, text).map(([number, own, detail]): JudgedRow => ({
  ...{ number, cells: own, row: null, verdict: 'refused', reason: 'no-number', detail },
}));

it('what a thread has read comes to the writer as it was, whatever signs are in it', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(good, bad), { maxLength: 8 }), (rows) => {
      const sent = structuredClone(packBatch({ rows, share: 0.5 }, true));
      const come = unpackBatch(sent).rows;
      assert.equal(come.length, rows.length);
      for (const [at, row] of rows.entries()) {
        const other = come[at]!;
        assert.deepEqual([other.number, other.cells], [row.number, row.cells]);
        if (!row.row || !other.row) {
          const why = ({ verdict, reason, detail }: typeof row & { row: null }) => [verdict, reason, detail];
          assert.ok(!row.row && !other.row);
          assert.deepEqual(why(other), why(row));
          continue;
        }
        const { name, externalId, phones: numbers, tags } = row.row.fields;
        assert.deepEqual(other.row.key, { name, externalId, phones: numbers, tags });
        assert.deepEqual(other.row.fields, row.row.fields);
        assert.equal(other.row.line, customerLine(row.row.fields));
        assert.deepEqual([other.row.note, other.row.consents], [row.row.note, row.row.consents]);
        assert.deepEqual(other.row.unread, row.row.unread);
      }
    }),
  );
});

it('a line that is loaded has no break in it, and its values can be had again', () => {
  const value = fc.oneof(text, fc.constantFrom('\\N', '\\', '\t', 'a\r\n\\n\0', '\\t'), fc.constant(null));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
      const line = loadLine(values);
      assert.doesNotMatch(line, /[\n\r]/);
      assert.deepEqual(valuesOfLine(line), values);
    }),
  );
});
