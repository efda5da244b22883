import { stat } from 'node:fs/promises';
import type { ImportOptions, MatchRule } from '../import.ts';
import { createRowReader, type ReadRow, type RowReading, type RowReason } from '../read-row.ts';
import { rowBatches } from '../table-file.ts';
import { createCallableCheck, type Bar, type CallableRules } from './callable.ts';
import { FirstSeen, hashOf, keyOfDigits } from './first-seen.ts';

/** A row with the verdict that the file alone gives; whether a good one is new is known to the database. */
export type JudgedRow = GoodRow | BadRow;
export interface GoodRow {
  readonly number: number;
  readonly cells: readonly string[];
  readonly row: ReadRow;
  /** Why nobody may ever call its first number, as far as number, address and the row's own consent tell. */
  readonly bar: Bar;
}
export interface BadRow {
  readonly number: number;
  readonly cells: readonly string[];
  readonly row: null;
  readonly verdict: 'refused' | 'duplicate';
  readonly reason: RowReason;
  readonly detail: string;
}

export interface JudgedBatch {
  readonly rows: JudgedRow[];
  /** How much of the file has been read: 0 to 1. */
  readonly share: number;
}

export interface JudgeRequest {
  readonly path: string;
  readonly options: ImportOptions;
  readonly rules: CallableRules;
  /** Rows of a batch; of very long ones it has fewer. */
  readonly batchSize: number;
  /** Rows up to this one have been dealt with: they are read, as later ones may repeat them, and not handed out. */
  readonly after: number;
  /** Whether what is new will be loaded: a thread makes its lines ahead then. */
  readonly loads?: boolean;
}

/** A batch with more is full, so that no width of rows makes it a matter of memory. */
const batchCharacters = 4 * 1024 * 1024;

/** The rows of a file in batches. The same file and options give the same verdicts at every reading. @throws FileProblem */
export async function* judgeFile(request: JudgeRequest): AsyncGenerator<JudgedBatch> {
  const { options, batchSize, after } = request;
  const meter = { read: 0, total: (await stat(request.path).catch(() => ({ size: 0 }))).size };
  const share = () => Math.min(1, meter.read / Math.max(1, meter.total));
  const barOf = createCallableCheck(request.rules);
  const barOfFirst = ({ fields, consents }: ReadRow) =>
    barOf(fields.phones[0]!.e164, fields.addressRegion, consents);
  const seen = new SeenBefore(options.matchBy);
  let batch: JudgedRow[] = [];
  let characters = 0;
  const read = createRowReader(options);
  let header = options.headerRow;
  for await (const rows of rowBatches(request.path, options, meter))
    for (const { number, cells } of rows) {
      if (header) {
        header = false;
        continue;
      }
      const judged = judge(number, cells, read(cells), seen);
      if (number <= after) continue;
      batch.push(judged.row ? { ...judged, bar: barOfFirst(judged.row) } : judged);
      for (const cell of cells) characters += cell.length;
      if (batch.length < batchSize && characters < batchCharacters) continue;
      yield { rows: batch, share: share() };
      [batch, characters] = [[], 0];
    }
  if (batch.length > 0) yield { rows: batch, share: 1 };
}

function judge(number: number, cells: readonly string[], reading: RowReading, seen: SeenBefore): JudgedRow {
  if (!reading.ok)
    return { number, cells, row: null, verdict: 'refused', reason: reading.reason, detail: reading.detail };
  const before = seen.check(reading.row, number);
  if (before) return { number, cells, row: null, verdict: 'duplicate', ...before };
  return { number, cells, row: reading.row, bar: null };
}

/** Which numbers and ids earlier rows of the file had. */
class SeenBefore {
  readonly #numbers = new FirstSeen();
  readonly #ids = new FirstSeen();
  readonly #matchBy: MatchRule;

  constructor(matchBy: MatchRule) {
    this.#matchBy = matchBy;
  }

  check({ fields }: ReadRow, row: number): { reason: RowReason; detail: string } | null {
    const { externalId, phones } = fields;
    const id = externalId ? hashOf(externalId) : null;
    const sameId = id && this.#ids.get(...id);
    if (sameId) return { reason: 'same-id-before', detail: String(sameId) };
    // Two rows with ids of their own may share a number; a negative row had one.
    const sameNumber = this.#numbers.get(...keyOf(phones[0]!.e164));
    // Where the number alone decides, ids of their own change nothing.
    const apart = id !== null && this.#matchBy !== 'phone';
    if (sameNumber !== undefined && (!apart || sameNumber > 0))
      return { reason: 'same-number-before', detail: String(Math.abs(sameNumber)) };
    if (id) this.#ids.set(...id, row);
    for (const { e164 } of phones) this.#numbers.set(...keyOf(e164), apart ? -row : row);
    return null;
  }
}

const keyOf = (e164: string) => keyOfDigits(Number(e164.slice(1)));
