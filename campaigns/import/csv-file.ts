import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import iconv from 'iconv-lite';
import { splitRows } from './csv-rows.ts';
import type { Encoding } from './encoding.ts';
import { delimiters, FileProblem, limits, type Delimiter } from './import.ts';

/** One row of the file. `number` counts as a spreadsheet does: the first line is row 1. */
export interface FileRow {
  readonly number: number;
  readonly cells: string[];
}

const chunkBytes = 1 << 18;
const recordsAtOnce = 500;

/** How much of the file has been read; whoever reads sets it, whoever shows progress looks. */
export interface Meter {
  read: number;
  total: number;
}

export interface CsvForm {
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
}

/**
 * Every row of the file, decoded, in pieces of any size. Rows without any text are left out but counted. What keeps the
 * rules is split up quickly; from the first record that does not, a parser that forgives goes on. @throws FileProblem
 */
export async function* csvBatches(path: string, form: CsvForm, meter?: Meter): AsyncGenerator<FileRow[]> {
  const bytes = createReadStream(path, { highWaterMark: chunkBytes });
  let number = 0;
  let lines = 0;
  const numbered = (records: readonly string[][]): FileRow[] => {
    const rows: FileRow[] = [];
    for (const cells of records) {
      number += 1;
      if (cells.length > limits.columns)
        throw new FileProblem('too-many-columns', { row: number, columns: cells.length, most: limits.columns }); // prettier-ignore
      if (number > limits.rows) throw new FileProblem('too-many-rows', { most: limits.rows });
      if (cells.some((cell) => cell.trim() !== '')) rows.push({ number, cells });
    }
    return rows;
  };
  try {
    let rest = '';
    const pieces = decoded(bytes, form.encoding);
    for await (const { text, last } of pieces) {
      if (meter) meter.read = bytes.bytesRead;
      const split = splitRows(rest + text, form.delimiter, last);
      rest = (rest + text).slice(split.end);
      for (const cells of split.rows) lines += 1 + breaksWithin(cells);
      const rows = numbered(split.rows);
      if (rows.length > 0) yield rows;
      if (!split.odd) continue;
      for await (const records of forgiven(rest, pieces, form.delimiter, (count) => (lines = count), lines)) {
        if (meter) meter.read = bytes.bytesRead;
        yield numbered(records);
      }
      return;
    }
  } catch (error) {
    throw asFileProblem(error, lines);
  } finally {
    bytes.destroy();
  }
}

interface Piece {
  readonly text: string;
  readonly last: boolean;
}

async function* decoded(bytes: Readable, encoding: Encoding): AsyncGenerator<Piece> {
  const decoder = iconv.getDecoder(encoding);
  let first = true;
  for await (const chunk of bytes) {
    const text = decoder.write(chunk as Buffer);
    // A second mark of byte order is none of the text either.
    yield { text: first ? text.replace(/^\ufeff/, '') : text, last: false };
    first &&= text === '';
  }
  yield { text: decoder.end() ?? '', last: true };
}

/** The rest of a file, by character. Tells how many lines of the file it has behind it. */
async function* forgiven(
  begun: string,
  pieces: AsyncGenerator<Piece>,
  delimiter: Delimiter,
  tell: (lines: number) => void,
  before: number,
): AsyncGenerator<string[][]> {
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: limits.row,
    info: true,
  });
  const failed: { error: Error | null } = { error: null };
  const texts = async function* () {
    yield begun;
    for await (const { text } of pieces) yield text;
  };
  pipeline(Readable.from(texts()), parser, (error) => (failed.error = error ?? null));
  let records: string[][] = [];
  try {
    for await (const item of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      tell(before + item.info.lines);
      records.push(item.record);
      if (records.length < recordsAtOnce) continue;
      yield records;
      records = [];
    }
  } catch (error) {
    throw failed.error ?? error;
  }
  if (records.length > 0) yield records;
}

function breaksWithin(cells: readonly string[]): number {
  let breaks = 0;
  for (const cell of cells) if (/[\r\n]/.test(cell)) breaks += cell.match(/\r\n|\r|\n/g)!.length;
  return breaks;
}

/** Every row of the file, one by one. @throws FileProblem */
export async function* csvRows(path: string, form: CsvForm, meter?: Meter): AsyncGenerator<FileRow> {
  for await (const rows of csvBatches(path, form, meter)) yield* rows;
}

function asFileProblem(error: unknown, linesBefore: number): unknown {
  if (error instanceof CsvError) {
    const line = linesBefore + 1;
    const at = Number((error as { lines?: number }).lines ?? line);
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') return new FileProblem('quote-unclosed', { line });
    if (error.code === 'CSV_MAX_RECORD_SIZE')
      return at > line + 1
        ? new FileProblem('quote-unclosed', { line })
        : new FileProblem('line-too-long', { line, most: limits.row });
  }
  if ((error as { code?: string }).code === 'ENOENT') return new FileProblem('gone');
  return error;
}

/** The first rows, for a look. @throws FileProblem when they cannot be read */
export async function firstCsvRows(path: string, form: CsvForm, count: number): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for await (const row of csvRows(path, form)) {
    rows.push(row);
    if (rows.length >= count) break;
  }
  return rows;
}

/** The separator under which the first rows fall into the same number of columns, and into the most. */
export async function guessDelimiter(path: string, encoding: Encoding): Promise<Delimiter> {
  let best: { delimiter: Delimiter; score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of delimiters) {
    const rows = await firstCsvRows(path, { encoding, delimiter }, 40).catch(() => []);
    const widths = rows.map((row) => row.cells.length);
    const usual = mostFrequent(widths);
    if (usual < 2) continue;
    const agree = widths.filter((width) => width === usual).length / widths.length;
    const score = agree * 10 + Math.min(usual, 30) / 30;
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}
