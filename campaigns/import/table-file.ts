import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { csvBatches, csvRows, firstCsvRows, type FileRow, type Meter } from './csv-file.ts';
import { byMark, readSample } from './encoding.ts';
import { FileProblem, type FileFormat, type ImportOptions } from './import.ts';
import { firstSheetRows, sheetRows } from './workbook/sheet-rows.ts';
import { openWorkbook, type Sheet } from './workbook/workbook.ts';

const textExtensions = ['.csv', '.tsv', '.txt', '.tab'];
const sheetRowsAtOnce = 200;
const workbookExtensions = ['.xlsx', '.xlsm'];

/** How the rows of a file are come by. */
export type FileForm = Pick<ImportOptions, 'format' | 'sheet' | 'encoding' | 'delimiter'>;

/** Tells text from workbook by what the file holds, and refuses what is no table. @throws FileProblem */
export async function checkFile(path: string, fileName: string): Promise<FileFormat> {
  const { size } = await stat(path);
  const sample = await readSample(path, 64 * 1024);
  if (size === 0 || sample.toString('latin1').replace(/^ï»¿/, '').trim() === '')
    throw new FileProblem('empty');
  const begins = (...bytes: number[]) => bytes.every((byte, index) => sample[index] === byte);
  const extension = extname(fileName).toLowerCase();
  const known = textExtensions.includes(extension) || workbookExtensions.includes(extension);
  // What Excel wrote before 2007, and how it wraps a workbook with a password.
  if (begins(0xd0, 0xcf, 0x11, 0xe0)) throw new FileProblem('old-workbook');
  if (!known) throw new FileProblem('wrong-extension', { extension: extension || fileName.slice(-10) });
  if (begins(0x50, 0x4b, 0x03, 0x04)) {
    (await openWorkbook(path)).archive.close();
    return 'xlsx';
  }
  if (workbookExtensions.includes(extension)) throw new FileProblem('workbook-damaged');
  if (!byMark(sample) && sample.includes(0)) throw new FileProblem('binary');
  const controls = sample.filter((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27)).length;
  if (!byMark(sample) && controls > sample.length / 100) throw new FileProblem('binary');
  return 'csv';
}

/** Every row of the file that holds any text. @throws FileProblem */
export function rowsOf(path: string, form: FileForm, meter?: Meter): AsyncGenerator<FileRow> {
  return form.format === 'xlsx' ? sheetRows(path, form.sheet, meter) : csvRows(path, form, meter);
}

/** The same in pieces of any size: a generator that hands out single rows costs more than reading them. @throws FileProblem */
export async function* rowBatches(path: string, form: FileForm, meter?: Meter): AsyncGenerator<FileRow[]> {
  if (form.format === 'csv') return yield* csvBatches(path, form, meter);
  let rows: FileRow[] = [];
  for await (const row of sheetRows(path, form.sheet, meter)) {
    rows.push(row);
    if (rows.length < sheetRowsAtOnce) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

/** The first rows, for a look. @throws FileProblem when they cannot be read */
export function firstRows(path: string, form: FileForm, count: number): Promise<FileRow[]> {
  return form.format === 'xlsx' ? firstSheetRows(path, form.sheet, count) : firstCsvRows(path, form, count);
}

/** The sheets of a workbook. @throws FileProblem */
export async function sheetsOf(path: string): Promise<readonly Sheet[]> {
  const workbook = await openWorkbook(path);
  workbook.archive.close();
  return workbook.sheets;
}
