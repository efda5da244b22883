import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { guessDelimiter } from '../../../campaigns/import/csv-file.ts';
import { checkFile, firstRows, rowsOf } from '../../../campaigns/import/table-file.ts';
import { guessColumns, guessHeaderRow } from '../../../campaigns/import/columns.ts';
import { FileProblem } from '../../../campaigns/import/import.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { putFile } from './files.ts';

describe('files that cannot be read', () => {
  let app: TestApp;
  before(async () => (app = await testApp()));
  after(() => app.close());
  const form = { format: 'csv', sheet: null, encoding: 'utf-8', delimiter: ',' } as const;
  const put = (name: string, content: string | Buffer) =>
    join(app.config.dataDir, putFile(app, name, content));
  const readAll = async (path: string) => {
    let rows = 0;
    for await (const _ of rowsOf(path, form)) rows += 1;
    return rows;
  };
  const refused =
    (code: string, details: object = {}) =>
    (error: unknown) => {
      assert.ok(error instanceof FileProblem, String(error));
      assert.equal(error.code, code);
      for (const [key, value] of Object.entries(details)) assert.equal(error.details[key], value);
      return true;
    };

  it('fault: empty, or nothing but blank lines', async () => {
    await assert.rejects(checkFile(put('a.csv', ''), 'a.csv'), refused('empty'));
    await assert.rejects(checkFile(put('a.csv', '\ufeff\n \r\n'), 'a.csv'), refused('empty'));
  });
  it('fault: binary, a picture named .csv', async () => {
    const picture = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(2000, 1)]);
    await assert.rejects(checkFile(put('a.csv', picture), 'a.csv'), refused('binary'));
  });
  it('fault: a broken workbook, whatever its name', async () => {
    await assert.rejects(
      checkFile(put('a.csv', Buffer.from('PK\x03\x04rest')), 'a.csv'),
      refused('workbook-damaged'),
    );
  });
  it('fault: a workbook of the old format, or with a password', async () => {
    const old = Buffer.concat([Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), Buffer.alloc(600)]);
    await assert.rejects(checkFile(put('a.xls', old), 'a.xls'), refused('old-workbook'));
  });
  it('fault: another kind of file by its name', async () => {
    await assert.rejects(
      checkFile(put('a', 'x,y'), 'list.pdf'),
      refused('wrong-extension', { extension: '.pdf' }),
    );
  });
  it('fault: a quote is never closed; the row where it opens is named', async () => {
    await assert.rejects(
      readAll(put('a.csv', 'a,b\nc,d\n"e,f\ng,h\n')),
      refused('quote-unclosed', { line: 3 }),
    );
    const long = `a,b\n"c,d\n${'x,y\n'.repeat(100_000)}`;
    await assert.rejects(readAll(put('a.csv', long)), refused('quote-unclosed', { line: 2 }));
  });
  it('fault: one line of a megabyte', async () => {
    await assert.rejects(
      readAll(put('a.csv', `a\n${'x'.repeat(1 << 20)}\n`)),
      refused('line-too-long', { line: 2 }),
    );
  });
  it('fault: a million columns', async () => {
    await assert.rejects(
      readAll(put('a.csv', ','.repeat(999_999))),
      refused('too-many-columns', { columns: 1_000_000 }),
    );
  });
  it('fault: the file has gone', async () => {
    await assert.rejects(readAll('/nowhere/file.csv'), refused('gone'));
  });
  it('stray quotes and rows of other widths are read; blank rows are counted', async () => {
    const rows = await firstRows(put('a.csv', 'a,b\r\n\r\nsay "hi",c\r\nd\r\n"q,r","s\nt"\n'), form, 10);
    assert.deepEqual(
      rows.map(({ number, cells }) => [number, ...cells]),
      [
        [1, 'a', 'b'],
        [3, 'say "hi"', 'c'],
        [4, 'd'],
        [5, 'q,r', 's\nt'],
      ],
    );
  });
  it('finds the separator', async () => {
    for (const [delimiter, name] of [
      [',', 'comma'],
      [';', 'semicolon'],
      ['\t', 'tab'],
      ['|', 'bar'],
    ]) {
      const path = put(
        `${name}.csv`,
        `name${delimiter}phone${delimiter}note\nA${delimiter}1${delimiter}x, y\n`,
      );
      assert.equal(await guessDelimiter(path, 'utf-8'), delimiter);
    }
  });
});

describe('columns', () => {
  const targets = (headers: string[], rows: string[][], country = 'US') =>
    guessColumns(headers, rows, country).map(({ target }) => target);

  it('are known by their names in English and Chinese', () => {
    assert.deepEqual(targets(['First Name', 'Last name', 'Mobile #', 'E-mail', 'ZIP', 'Plan'], []), [
      ...['given_name', 'family_name', 'phone_mobile', 'email', 'postal_code', 'custom'],
    ]);
    assert.deepEqual(targets(['客户姓名', '手机号码', '备注', '会员等级'], []), ['name', 'phone_mobile', 'note', 'custom']); // prettier-ignore
    assert.deepEqual(targets(['姓名', '行動電話', '市話', '郵遞區號'], []), ['name', 'phone_mobile', 'phone_home', 'postal_code']); // prettier-ignore
  });
  it('that number the rows are no ids of the firm’s, by name or by what is in them', () => {
    for (const header of ['序号', '序號', 'No.', '#', 'S/No.', '项次'])
      assert.deepEqual(targets([header, '手机', '编号'], []), ['ignore', 'phone_mobile', 'external_id'], header); // prettier-ignore
    const counted = (from: number, header = '编号') =>
      targets(
        [header, '手机'],
        Array.from({ length: 5 }, (_, n) => [String(from + n), '13800138000']),
      )[0];
    assert.equal(counted(1), 'ignore');
    assert.equal(counted(0, 'ID'), 'ignore');
    assert.equal(targets(['ID', 'Phone'], [['0001', '2125550101'], ['0002', '2125550102']])[0], 'ignore'); // prettier-ignore
    assert.equal(counted(70_001), 'external_id');
    assert.equal(targets(['ID', 'Phone'], [['1', '2125550101'], ['7', '2125550102']])[0], 'external_id'); // prettier-ignore
  });
  it('are known by what is in them', () => {
    const rows = [
      ['陈小明', '13800138000', 'a@example.com'],
      ['李娜', '13900139000', 'b@example.com'],
    ];
    assert.deepEqual(targets([], rows, 'CN'), ['name', 'phone', 'email']);
    assert.deepEqual(targets([], [['Ada Winter', '1.38E+10'], ['Bo Frost', '2125550123']]), ['name', 'phone']); // prettier-ignore
  });
  it('the first row is a heading when its words name columns', () => {
    assert.equal(guessHeaderRow([['name', 'phone'], ['A', '2125550123']], 'US'), true); // prettier-ignore
    assert.equal(guessHeaderRow([['Ada', '2125550123'], ['Bo', '2125550124']], 'US'), false); // prettier-ignore
    assert.equal(guessHeaderRow([['Ada', '2125550123', 'No', 'No'], ['Bo', '2125550124', 'Yes', 'No']], 'US'), false); // prettier-ignore
    assert.equal(guessHeaderRow([['Kunde', 'Nummer'], ['A', '2125550123']], 'US'), true); // prettier-ignore
  });
});
