import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const sheet = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** A list as Excel would save it: each text once, in the order in which they come, and cells that name them by number. */
export async function writeWorkbook(folder: string, csv: string): Promise<{ path: string; bytes: number }> {
  const path = join(folder, 'bench.xlsx');
  const numbers = new Map<string, number>();
  const zip = new ZipFile();
  const link = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${relations}/${type}" Target="${target}"/>`;
  const add = (name: string, xml: string) => zip.addBuffer(Buffer.from(xml), name);
  add('_rels/.rels', `<Relationships>${link('a', 'officeDocument', 'xl/workbook.xml')}</Relationships>`);
  add(
    'xl/workbook.xml',
    `<workbook xmlns:r="${relations}"><sheets><sheet name="List" sheetId="1" r:id="s"/></sheets></workbook>`,
  );
  add(
    'xl/_rels/workbook.xml.rels',
    `<Relationships>${link('s', 'worksheet', 'worksheets/sheet1.xml')}${link('t', 'sharedStrings', 'sharedStrings.xml')}</Relationships>`,
  );
  zip.addReadStreamLazy('xl/worksheets/sheet1.xml', {}, (done) => done(null, Readable.from(rows())));
  // Made after the sheet, which finds the texts.
  zip.addReadStreamLazy('xl/sharedStrings.xml', {}, (done) => done(null, Readable.from(strings())));
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
  return { path, bytes: (await stat(path)).size };

  async function* rows() {
    let text = `<worksheet xmlns="${sheet}"><sheetData>`;
    let row = 0;
    for await (const line of createInterface({ input: createReadStream(csv) })) {
      row += 1;
      const cells = line.split(',').map((cell, column) => {
        if (!numbers.has(cell)) numbers.set(cell, numbers.size);
        return `<c r="${String.fromCharCode(65 + column)}${row}" t="s"><v>${numbers.get(cell)}</v></c>`;
      });
      text += `<row r="${row}">${cells.join('')}</row>`;
      if (text.length < 65_536) continue;
      yield text;
      text = '';
    }
    yield `${text}</sheetData></worksheet>`;
  }

  function* strings() {
    let text = `<sst xmlns="${sheet}">`;
    for (const cell of numbers.keys()) {
      text += `<si><t>${cell}</t></si>`;
      if (text.length < 65_536) continue;
      yield text;
      text = '';
    }
    yield `${text}</sst>`;
  }
}
