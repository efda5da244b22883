import { toE164 } from '../../dnc/dnc-import.ts';
import { csvRows, guessDelimiter } from '../../import/csv-file.ts';
import { guessEncoding } from '../../import/encoding.ts';
import { fromLocal } from '../../../core/time/local-time.ts';
import { FileProblem } from '../../import/import.ts';
import {
  consentKinds,
  consentSources,
  type ConsentKind,
  type ConsentSource,
  type NewConsent,
} from './consent.ts';
import type { RecordedMany } from './record-consents.ts';

const batchSize = 300;
/** So many refused lines are named, and so many that permit nothing. */
const keptRefusals = 1_000;

export interface ConsentFileResult {
  readonly lines: number;
  readonly added: number;
  readonly known: number;
  readonly refused: number;
  readonly refusals: readonly { readonly line: number; readonly field: string; readonly text: string }[];
  /** Lines that are on record and permit nothing, as what they are for was taken back since. */
  readonly overruled: number;
  readonly overruledLines: readonly { readonly line: number; readonly takenBackAt: number }[];
  /** Where the file turned unreadable: nothing behind that line was read. It counts as one refused line. */
  readonly broken: { readonly line: number; readonly problem: FileProblem } | null;
}

/** Headings of the columns, as people write them. */
const headings: Record<string, readonly string[]> = {
  number: ['number', 'phone', 'e164', '号码', '電話', '电话', '號碼', '手机', '手機'],
  customer: ['customer', 'external id', 'external_id', '客户编号', '客戶編號'],
  kind: ['kind', 'consent', '同意种类', '同意種類', '种类', '種類'],
  source: ['source', '来源', '來源'],
  proof: ['proof', 'evidence', '证据', '證據', '凭证', '憑證'],
  given: ['given', 'given at', 'given_at', 'date', '日期', '同意日期'],
  expires: ['expires', 'expires at', 'expires_at', 'until', '有效期', '到期日', '有效期限'],
};

export interface ConsentFileOptions {
  readonly country: string;
  /** Whose days are meant. */
  readonly zone: string;
  /** The customer behind a firm's own number of theirs. */
  customerOf(externalIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  add(lines: readonly NewConsent[]): Promise<RecordedMany>;
  readonly now: number;
}

type Draft = NewConsent & { readonly externalId: string | null; readonly line: number };

/**
 * Brings a file of consents into the ledger: one line each, with a number or the customer's external id, kind, proof
 * and date, in whatever encoding and with whatever separator it was written. Loading the same file twice adds nothing.
 * @throws Error with `code: 'headings'` when columns are missing, FileProblem when nothing of it can be read.
 */
export async function importConsents(path: string, options: ConsentFileOptions): Promise<ConsentFileResult> {
  let columns: Record<string, number> | null = null;
  const refusals: { line: number; field: string; text: string }[] = [];
  let lines = 0;
  let added = 0;
  let refused = 0;
  let overruled = 0;
  const overruledLines: { line: number; takenBackAt: number }[] = [];
  let batch: Draft[] = [];
  const refuse = (line: number, field: string, text: string): void => {
    refused += 1;
    if (refusals.length < keptRefusals) refusals.push({ line, field, text: text.slice(0, 60) });
  };
  const flush = async (): Promise<void> => {
    const wanted = batch.flatMap(({ externalId }) => externalId ?? []);
    const owners = wanted.length > 0 ? await options.customerOf(wanted) : new Map<string, number>();
    const ready: NewConsent[] = [];
    const places: number[] = [];
    for (const { externalId, line, ...consent } of batch) {
      const customerId = externalId === null ? null : owners.get(externalId);
      if (customerId === undefined) refuse(line, 'customer', externalId ?? '');
      else {
        places.push(line);
        ready.push({ ...consent, customerId });
      }
    }
    const recorded = await options.add(ready);
    added += recorded.added;
    for (const [at, takenBackAt] of recorded.takenBackAt.entries()) {
      if (takenBackAt === null) continue;
      overruled += 1;
      if (overruledLines.length < keptRefusals) overruledLines.push({ line: places[at]!, takenBackAt });
    }
    batch = [];
  };
  const { encoding } = await guessEncoding(path);
  const delimiter = await guessDelimiter(path, encoding);
  let broken: ConsentFileResult['broken'] = null;
  let last = 0;
  try {
    for await (const { number: line, cells } of csvRows(path, { encoding, delimiter })) {
      last = line;
      if (!columns) {
        columns = readHeadings(cells);
        continue;
      }
      lines += 1;
      const cell = (name: string): string => (cells[columns?.[name] ?? -1] ?? '').trim();
      const draft = readLine(cell, options);
      if ('field' in draft) refuse(line, draft.field, cell(draft.field));
      else batch.push({ ...draft, line });
      if (batch.length >= batchSize) await flush();
    }
  } catch (error) {
    if (!(error instanceof FileProblem) || !columns) throw error;
    broken = { line: Number(error.details.line ?? error.details.row ?? last + 1), problem: error };
    lines += 1;
    refused += 1;
  }
  await flush();
  return {
    lines,
    added,
    known: lines - refused - added,
    refused,
    refusals,
    overruled,
    overruledLines,
    broken,
  };
}

function readHeadings(cells: readonly string[]): Record<string, number> {
  const columns: Record<string, number> = {};
  for (const [index, cell] of cells.entries())
    for (const [name, words] of Object.entries(headings))
      if (words.includes(cell.trim().toLowerCase())) columns[name] ??= index;
  const missing = ['kind', 'proof', 'given'].filter((name) => columns[name] === undefined);
  if (columns.number === undefined && columns.customer === undefined) missing.unshift('number');
  if (missing.length > 0)
    throw Object.assign(new Error('columns are missing'), { code: 'headings', missing });
  return columns;
}

function readLine(
  cell: (name: string) => string,
  { country, zone, now }: ConsentFileOptions,
): Omit<Draft, 'line'> | { field: string } {
  const e164 = cell('number') === '' ? null : toE164(cell('number'), country);
  const externalId = cell('customer') || null;
  if (e164 === null && (cell('number') !== '' || externalId === null)) return { field: 'number' };
  const kind = cell('kind').toLowerCase() as ConsentKind;
  if (!consentKinds.includes(kind)) return { field: 'kind' };
  const source = (cell('source').toLowerCase() || 'import') as ConsentSource;
  if (!consentSources.includes(source)) return { field: 'source' };
  const proof = cell('proof');
  if (proof.length < 2 || proof.length > 500) return { field: 'proof' };
  const givenAt = readDate(cell('given'), zone);
  // A consent of tomorrow is a mistake in the file.
  if (givenAt === null || givenAt > now) return { field: 'given' };
  const expiresAt = cell('expires') === '' ? null : readDate(cell('expires'), zone, 1);
  if (cell('expires') !== '' && expiresAt === null) return { field: 'expires' };
  const givenDay = readDay(cell('given'));
  return { customerId: null, e164, kind, source, proof, givenAt, givenDay, expiresAt, externalId };
}

/** A day: when it begins in the zone, or so many days later; or an instant with its offset. */
function readDate(text: string, zone: string, daysLater = 0): number | null {
  const day = readDay(text);
  if (day !== null) {
    const begins = fromLocal(day, zone);
    return begins.isValid ? begins.plus({ days: daysLater }).toMillis() : null;
  }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** `2026-11-01`, `2026/11/1`. */
function readDay(text: string): string | null {
  const [, year, month, day] = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(text) ?? [];
  return year && month && day ? `${year}-${two(month)}-${two(day)}` : null;
}

const two = (part: string): string => part.padStart(2, '0');
