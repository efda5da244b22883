import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { defaultOptions, type ImportOptions } from '../../../campaigns/import/import.ts';
import { GivenIds } from '../../../campaigns/import/jobs/decide-rows.ts';
import { FirstSeen, hashOf, keyOfDigits } from '../../../campaigns/import/judging/first-seen.ts';
import { judgeFile } from '../../../campaigns/import/judging/judge-file.ts';
import { sheetRows } from '../../../campaigns/import/workbook/sheet-rows.ts';
import { TextStore } from '../../../campaigns/import/workbook/text-store.ts';
import { workbook } from './workbooks.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** What is in use, and not what waits to be collected. */
const inUse = async () => {
  collect();
  // What is outside of the heap goes in a second step.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
};

const options: ImportOptions = {
  ...defaultOptions,
  columns: ['name', 'phone', 'external_id', 'custom'],
  headers: ['Name', 'Phone', 'Id', 'Plan'],
};
const rules = { ruleSet: null, automated: true, at: 1_750_000_000_000 };
const areas = ['212', '310', '312', '713', '202'];

/** Everybody with a name, a number and an id of their own: nothing that a reader could keep once for all. */
const rowsOf = (count: number) => [
  options.headers,
  ...Array.from({ length: count }, (_, at) => {
    const rest = Math.floor(at / areas.length);
    const number = `(${areas[at % areas.length]}) ${201 + Math.floor(rest / 10_000)}-${String(rest % 10_000).padStart(4, '0')}`;
    return [`Person ${at} of the list`, number, `CUSTOMER-${at}`, `plan ${at % 40}`];
  }),
];

describe('memory of imports', function () {
  this.timeout(300_000);
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'ringwise-memory-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What is in use close before the end of a list, beyond what was before it. */
  async function usedBy(count: number): Promise<number> {
    const path = join(folder, `${count}.csv`);
    writeFileSync(path, rowsOf(count).map((cells) => cells.join(',')).join('\n')); // prettier-ignore
    const before = await inUse();
    let rows = 0;
    let used = 0;
    for await (const batch of judgeFile({ path, options, rules, batchSize: 500, after: 0 })) {
      rows += batch.rows.length;
      if (used === 0 && rows > count * 0.97) used = (await inUse()) - before;
    }
    assert.equal(rows, count);
    return used;
  }

  it('does not grow with the rows of a list, but for what tells that they are repeated', async () => {
    await usedBy(2_000);
    const [few, many] = [await usedBy(10_000), await usedBy(70_000)];
    // Number and id of 60,000 rows more, as keys of 12 bytes in tables that are half full at worst, are 2.9 MB.
    assert.ok(many - few < 7.5, `${few.toFixed(1)} MB with 10,000 rows, ${many.toFixed(1)} MB with 70,000`);
  });

  it('does not grow with the texts of a workbook', async () => {
    const store = new TextStore(join(folder, 'many'));
    const before = await inUse();
    for (let at = 0; at < 600_000; at++) store.add(`customer number ${at}`);
    for (let at = 0; at < 600_000; at += 7) assert.equal(store.at(at), `customer number ${at}`);
    const used = (await inUse()) - before;
    store.close();
    assert.ok(used < 20, `${used.toFixed(1)} MB for 600,000 texts, which take 30 MB as they are`);
  });

  it('reads a workbook whose texts lie in a file meanwhile, and leaves none', async () => {
    const names = Array.from({ length: 200 }, (_, at) => `${at} ${'名'.repeat(30_000)}`);
    const path = join(folder, 'long.xlsx');
    writeFileSync(path, workbook({ sheets: { List: names.map((name) => [name]) } }));
    const beside = readdirSync(folder);
    let at = 0;
    for await (const { cells } of sheetRows(path, null)) assert.equal(cells[0] === names[at++], true);
    assert.equal(at, 200);
    assert.deepEqual(readdirSync(folder), beside);
  });

  it('hands out fewer rows at once where they are long', async () => {
    const path = join(folder, 'wide.csv');
    const note = 'x'.repeat(20_000);
    const rows = rowsOf(1_000).slice(1);
    writeFileSync(path, rows.map((cells) => [...cells.slice(0, 3), note].join(',')).join('\n'));
    const wide = { ...options, headerRow: false, columns: [...options.columns.slice(0, 3), 'note' as const] };
    const sizes: number[] = [];
    for await (const batch of judgeFile({ path, options: wide, rules, batchSize: 5_000, after: 0 }))
      sizes.push(batch.rows.length);
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      1_000,
    );
    assert.ok(Math.max(...sizes) * note.length < 5 * 1024 * 1024, `up to ${Math.max(...sizes)} rows at once`);
  });

  it('gives back texts of workbooks as they were, whether they are many or few, in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { minLength: 1, maxLength: 100 }),
        fc.constantFrom(1, 15, 16, 17, 3_000, 7_000),
        fc.integer(),
        (texts, repeats, seed) => {
          const store = new TextStore(join(folder, 'texts'));
          const all = Array.from({ length: repeats }, (_, at) => `${texts[at % texts.length]!} ${at} ${'─'.repeat(at % 1_500)}`); // prettier-ignore
          for (const text of all) store.add(text);
          for (let look = 0; look < 500; look++) {
            const at = Math.abs(Math.imul(look + 1, seed | 1)) % repeats;
            assert.equal(store.at(at), all[at]);
          }
          assert.equal(store.at(repeats), '');
          store.close();
        },
      ),
      { numRuns: 8 },
    );
  });

  it('finds the first row of any key', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 999_999_999_999_999 }), { maxLength: 300 }),
        (numbers) => {
          const [found, expected] = [new FirstSeen(), new Map<number, number>()];
          // So many between them that the table grows.
          const all = numbers.flatMap((digits) => Array.from({ length: 20 }, (_, more) => digits + more * 4_294_967_296)); // prettier-ignore
          for (const [at, digits] of [...all, ...all].entries()) {
            found.set(...keyOfDigits(digits), at + 1);
            if (!expected.has(digits)) expected.set(digits, at + 1);
          }
          for (const [digits, row] of expected) assert.equal(found.get(...keyOfDigits(digits)), row);
          assert.equal(found.get(...keyOfDigits(1_000_000_000_000_001)), undefined);
        },
      ),
      { numRuns: 30 },
    );
    assert.notDeepEqual(hashOf('C1'), hashOf('C2'));
  });

  it('tells which customer was given another id by an earlier row', () => {
    const given = new GivenIds();
    assert.equal(given.isAnother(7, 'A'), false);
    given.set(7, 'A');
    assert.equal(given.isAnother(7, 'A'), false);
    assert.equal(given.isAnother(7, 'B'), true);
    assert.equal(given.isAnother(8, 'B'), false);
  });
});
