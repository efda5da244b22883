import { rowsOf } from './csv-file.ts';
import type { ImportOptions } from './import.ts';
import { readRow, type ReadRow, type RowReason } from './read-row.ts';

/** A row with the verdict that the file alone gives; whether a good one is new is known to the database. */
export type JudgedRow =
  | { readonly number: number; readonly cells: string[]; readonly row: ReadRow }
  | {
      readonly number: number;
      readonly cells: string[];
      readonly row: null;
      readonly verdict: 'refused' | 'duplicate';
      readonly reason: RowReason;
      readonly detail: string;
    };

/** As many as one transaction takes in well under a second. */
const batchSize = 500;

/**
 * The file in batches that fall the same way at every reading, so that a job that was cut off goes on at a batch's end.
 * @throws FileProblem
 */
export async function* judgedBatches(path: string, options: ImportOptions): AsyncGenerator<JudgedRow[]> {
  const seen = new SeenBefore();
  let batch: JudgedRow[] = [];
  let header = options.headerRow;
  for await (const { number, cells } of rowsOf(path, options)) {
    if (header) {
      header = false;
      continue;
    }
    batch.push(judge(number, cells, options, seen));
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function judge(number: number, cells: string[], options: ImportOptions, seen: SeenBefore): JudgedRow {
  const reading = readRow(cells, options);
  if (!reading.ok)
    return { number, cells, row: null, verdict: 'refused', reason: reading.reason, detail: reading.detail };
  const before = seen.check(reading.row, number);
  if (before) return { number, cells, row: null, verdict: 'duplicate', ...before };
  return { number, cells, row: reading.row };
}

/** Which numbers and ids earlier rows of the file had. E.164 digits fit a double, which keeps millions of them small. */
class SeenBefore {
  readonly #numbers = new Map<number, number>();
  readonly #ids = new Map<string, number>();

  check({ fields }: ReadRow, row: number): { reason: RowReason; detail: string } | null {
    const { externalId, phones } = fields;
    if (externalId) {
      const earlier = this.#ids.get(externalId);
      if (earlier !== undefined) return { reason: 'same-id-before', detail: String(earlier) };
    } else {
      const earlier = this.#numbers.get(digits(phones[0]!.e164));
      if (earlier !== undefined) return { reason: 'same-number-before', detail: String(Math.abs(earlier)) };
    }
    // Two rows with ids of their own may share a number; a negative row had one.
    const earlier = this.#numbers.get(digits(phones[0]!.e164));
    if (externalId && earlier !== undefined && earlier > 0)
      return { reason: 'same-number-before', detail: String(earlier) };
    if (externalId) this.#ids.set(externalId, row);
    for (const { e164 } of phones) {
      const key = digits(e164);
      if (!this.#numbers.has(key)) this.#numbers.set(key, externalId ? -row : row);
    }
    return null;
  }
}

const digits = (e164: string): number => Number(e164.slice(1));
