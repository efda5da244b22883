import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { FileProblem } from '../../../campaigns/import/import.ts';
import { checkFile, firstRows, rowsOf, sheetsOf } from '../../../campaigns/import/table-file.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { putFile } from './files.ts';
import { workbook, zip, type WorkbookParts } from './workbooks.ts';

describe('workbooks', () => {
  let app: TestApp;
  before(async () => (app = await testApp()));
  after(() => app.close());
  const form = { format: 'xlsx', sheet: null, encoding: 'utf-8', delimiter: ',' } as const;
  const put = (bytes: Buffer) => join(app.config.dataDir, putFile(app, 'a.xlsx', bytes));
  const rows = async (parts: WorkbookParts, sheet: number | null = null) => {
    const path = put(workbook(parts));
    assert.equal(await checkFile(path, 'a.xlsx'), 'xlsx');
    const all: (string | number)[][] = [];
    for await (const { number, cells } of rowsOf(path, { ...form, sheet })) all.push([number, ...cells]);
    const first = (await firstRows(path, { ...form, sheet }, 100)).map(({ number, cells }) => [
      number,
      ...cells,
    ]);
    assert.deepEqual(first, all, 'a look at the first rows and the whole file agree');
    return all;
  };
  const refused = (code: string) => (error: unknown) => error instanceof FileProblem && error.code === code;

  for (const inline of [false, true])
    it(`are read with ${inline ? 'texts in their cells' : 'shared texts'}, gaps and blank rows counted`, async () => {
      const sheet = [
        ['Name', 'Phone'],
        ['Ada & <Co>', null, 'x'],
        [null, '  '],
        ['李娜', '138'],
      ];
      assert.deepEqual(await rows({ inline, sheets: { One: sheet } }), [
        [1, 'Name', 'Phone'],
        [2, 'Ada & <Co>', '', 'x'],
        [4, '李娜', '138'],
      ]);
    });

  it('a number that Excel shows as 1.38E+10 has all its digits; zeros of a format come back; days are no serials', async () => {
    const formats = ['0000000000', 'yyyy/m/d', 'yyyy-mm-dd hh:mm', 'General'];
    const sheet = [
      [
        { n: '1.3800138E10', style: 0 },
        { n: '912345678', style: 1 },
        { n: '45383', style: 2 },
        { n: '45383.5', style: 3 },
        { n: '0.1', style: 4 },
      ],
    ];
    assert.deepEqual(await rows({ sheets: { One: sheet }, formats }), [
      [1, '13800138000', '0912345678', '2024-04-01', '2024-04-01 12:00', '0.1'],
    ]);
    const early = { sheets: { One: [[{ n: '43921', style: 1 }]] }, formats: ['yyyy-mm-dd'], date1904: true };
    assert.deepEqual(await rows(early), [[1, '2024-04-01']]);
  });

  it('the sheet can be chosen', async () => {
    const parts = { sheets: { One: [['a']], 'Two & more': [['b']] } };
    assert.deepEqual(await rows(parts, 1), [[1, 'b']]);
    const names = (await sheetsOf(put(workbook(parts)))).map(({ name }) => name);
    assert.deepEqual(names, ['One', 'Two & more']);
  });

  it('fault: another kind of zip file', async () => {
    await assert.rejects(checkFile(put(zip({ 'a.txt': 'hello' })), 'a.xlsx'), refused('not-a-workbook'));
  });

  it('fault: cut off in the middle', async () => {
    const whole = workbook({ sheets: { One: Array.from({ length: 500 }, (_, i) => [`P${i}`, i]) } });
    await assert.rejects(
      checkFile(put(whole.subarray(0, whole.length - 300)), 'a.xlsx'),
      refused('workbook-damaged'),
    );
  });

  it('fault: a zip bomb: a sheet of hundreds of megabytes in a few hundred kilobytes', async () => {
    const sheet = Buffer.concat([Buffer.from('<worksheet><sheetData>'), Buffer.alloc(90 * 1024 * 1024, 32)]);
    const path = put(
      zip({
        'xl/workbook.xml': '<workbook xmlns:r="r"><sheets><sheet name="One" r:id="r1"/></sheets></workbook>',
        'xl/_rels/workbook.xml.rels': '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/></Relationships>', // prettier-ignore
        'xl/s.xml': sheet,
      }),
    );
    await assert.rejects(firstRows(path, form, 10), refused('workbook-too-large'));
  });

  it('fault: more columns than a list has', async () => {
    const wide = put(workbook({ sheets: { One: [Array.from({ length: 600 }, () => 'x')] } }));
    await assert.rejects(firstRows(wide, form, 10), refused('too-many-columns'));
  });
});
