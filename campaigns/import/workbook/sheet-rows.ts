import type { Meter } from '../csv-file.ts';
import { FileProblem, limits } from '../import.ts';
import { numberText, plainNumber } from './number-text.ts';
import { readXml } from './read-xml.ts';
import { createTextCollector, longestCell, lookBytes, readSharedStrings } from './shared-strings.ts';
import type { TextStore } from './text-store.ts';
import { openWorkbook, type Sheet, type Workbook } from './workbook.ts';

const mostBytes = 3 * 1024 * 1024 * 1024;
const lastRowOfSheets = 1_048_576;

/** A cell's text, or the number of the shared string that it is. */
type Cell = string | number;
interface RawRow {
  readonly number: number;
  readonly cells: Cell[];
}
export interface SheetRow {
  readonly number: number;
  readonly cells: string[];
}

/** The sheet of that place, else the first that can be seen. */
export function chooseSheet({ sheets }: Workbook, index: number | null): Sheet {
  return sheets[index ?? -1] ?? sheets.find(({ hidden }) => !hidden) ?? sheets[0]!;
}

/** Every row of a sheet that holds any text. @throws FileProblem */
export async function* sheetRows(
  path: string,
  sheet: number | null,
  meter?: Meter,
): AsyncGenerator<SheetRow> {
  const workbook = await openWorkbook(path);
  let strings: TextStore | null = null;
  try {
    strings = await readSharedStrings(workbook, path);
    const chosen = chooseSheet(workbook, sheet);
    if (meter) meter.total = workbook.archive.size(chosen.part);
    for await (const rows of rawRows(workbook, chosen, Infinity, meter))
      for (const row of rows) {
        const cells = resolve(row.cells, strings);
        if (cells.some((cell) => cell.trim() !== '')) yield { number: row.number, cells };
      }
  } finally {
    strings?.close();
    workbook.archive.close();
  }
}

/** The first rows, for a look: only the strings they need are read. @throws FileProblem */
export async function firstSheetRows(path: string, sheet: number | null, count: number): Promise<SheetRow[]> {
  const workbook = await openWorkbook(path);
  try {
    const found: RawRow[] = [];
    for await (const rows of rawRows(workbook, chooseSheet(workbook, sheet), lookBytes)) {
      found.push(...rows);
      // Some of them may turn out to be blank.
      if (found.length >= count * 2) break;
    }
    const some = found.slice(0, count * 2);
    const last = Math.max(
      -1,
      ...some.flatMap(({ cells }) => cells.filter((cell) => typeof cell === 'number')),
    );
    const strings = await readSharedStrings(workbook, path, last);
    const resolved = some.map(({ number, cells }) => ({ number, cells: resolve(cells, strings) }));
    strings.close();
    return resolved.filter(({ cells }) => cells.some((cell) => cell.trim() !== '')).slice(0, count);
  } finally {
    workbook.archive.close();
  }
}

const resolve = (cells: readonly Cell[], strings: TextStore): string[] =>
  cells.map((cell) => (typeof cell === 'number' ? strings.at(cell) : cell));

async function* rawRows(
  workbook: Workbook,
  sheet: Sheet,
  upTo = Infinity,
  meter?: Meter,
): AsyncGenerator<RawRow[]> {
  let rows: RawRow[] = [];
  const stream = await workbook.archive.stream(sheet.part, mostBytes);
  const reading = readXml(
    stream,
    rowReader(workbook, (row) => rows.push(row)),
    upTo,
  );
  for await (const bytes of reading) {
    if (meter) meter.read = bytes;
    const full = rows;
    rows = [];
    if (full.length > 0) yield full;
  }
}

function rowReader({ forms, from1904 }: Workbook, emit: (row: RawRow) => void) {
  const inline = createTextCollector();
  let number = 0;
  let row: Cell[] | null = null;
  let width = 0;
  let column = -1;
  let type = 'n';
  let style = 0;
  let value = '';
  let taking = false;

  function place(cell: Cell): void {
    if (!row || cell === '') return;
    if (column >= limits.columns)
      throw new FileProblem('too-many-columns', { row: number, columns: column + 1, most: limits.columns });
    if (typeof cell === 'string') width += cell.length;
    if (width > limits.row) throw new FileProblem('line-too-long', { line: number, most: limits.row });
    while (row.length < column) row.push('');
    row[column] = cell;
  }

  return {
    open(tag: string, attributes: Readonly<Record<string, string>>) {
      if (tag === 'row') {
        const given = Number(attributes.r);
        number = Number.isInteger(given) && given > number && given <= lastRowOfSheets ? given : number + 1;
        if (number > limits.rows) throw new FileProblem('too-many-rows', { most: limits.rows });
        [row, width, column] = [[], 0, -1];
      } else if (tag === 'c') {
        column = columnOf(attributes.r) ?? column + 1;
        [type, style, value, taking] = [attributes.t ?? 'n', Number(attributes.s ?? 0), '', false];
        inline.begin();
      } else if (tag === 'v') taking = true;
      else if (type === 'inlineStr') inline.open(tag);
    },
    text(text: string) {
      if (taking && value.length < longestCell) value += text;
      else if (type === 'inlineStr') inline.text(text);
    },
    close(tag: string) {
      if (tag === 'v') taking = false;
      else if (tag === 'c') place(cellOf());
      else if (tag === 'row' && row) {
        emit({ number, cells: row });
        row = null;
      } else if (type === 'inlineStr') inline.close(tag);
    },
  };

  function cellOf(): Cell {
    switch (type) {
      case 's': {
        const index = Number(value);
        return value.trim() !== '' && Number.isInteger(index) && index >= 0 ? index : '';
      }
      case 'inlineStr':
        return inline.end();
      case 'b':
        return value.trim() === '' ? '' : value.trim() === '1' ? 'TRUE' : 'FALSE';
      case 'n':
        return numberText(value, forms[style] ?? plainNumber, from1904).slice(0, longestCell);
      default:
        return value.slice(0, longestCell);
    }
  }
}

/** `BC12` is column 54. */
function columnOf(reference: string | undefined): number | null {
  const letters = /^([A-Za-z]{1,3})\d/.exec(reference ?? '')?.[1];
  if (!letters) return null;
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}
