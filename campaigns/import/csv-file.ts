import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import iconv from 'iconv-lite';
import type { Encoding } from './encoding.ts';
import { delimiters, FileProblem, limits, type Delimiter } from './import.ts';

/** One row of the file. `number` counts as a spreadsheet does: the first line is row 1. */
export interface FileRow {
  readonly number: number;
  readonly cells: string[];
}

/** How much of the file has been read; whoever reads sets it, whoever shows progress looks. */
export interface Meter {
  read: number;
  total: number;
}

export interface CsvForm {
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
}

/** Every row of the file, decoded. Rows without any text are left out but counted. @throws FileProblem */
export async function* csvRows(path: string, form: CsvForm, meter?: Meter): AsyncGenerator<FileRow> {
  const bytes = createReadStream(path, { highWaterMark: 1 << 18 });
  const parser = parse({
    delimiter: form.delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: limits.row,
    bom: true,
    info: true,
  });
  const failed: { error: Error | null } = { error: null };
  pipeline(bytes, decoder(form.encoding), parser, (error) => (failed.error = error ?? null));
  let number = 0;
  let lines = 0;
  try {
    for await (const item of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      number += 1;
      if (meter) meter.read = bytes.bytesRead;
      lines = item.info.lines;
      const cells = item.record;
      if (cells.length > limits.columns)
        throw new FileProblem('too-many-columns', {
          row: number,
          columns: cells.length,
          most: limits.columns,
        });
      if (number > limits.rows) throw new FileProblem('too-many-rows', { most: limits.rows });
      if (cells.some((cell) => cell.trim() !== '')) yield { number, cells };
    }
  } catch (error) {
    throw asFileProblem(failed.error ?? error, lines);
  } finally {
    bytes.destroy();
  }
}

function decoder(encoding: Encoding): NodeJS.ReadWriteStream {
  return iconv.decodeStream(encoding) as unknown as Readable & NodeJS.ReadWriteStream;
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
