import { TextDecoder } from 'node:util';
import parsePhoneNumber, { type CountryCode } from 'libphonenumber-js/max';
import { readPhone, type PhoneProblem, type PhoneReading } from '../../crm/index.ts';
import type { DncAddition } from './dnc.ts';
import type { DncStore } from './dnc-store.ts';

const batchSize = 400;
const longestLine = 1_000;
const keptRefusals = 1_000;

export interface DncImportOptions {
  /** ISO code for numbers written without a country. */
  readonly defaultCountry: string;
  readonly campaignId: number | null;
  readonly reason: string;
  readonly by: number | null;
  readonly at: number;
  readonly expiresAt?: number | null;
}

export interface DncRefusal {
  readonly line: number;
  readonly text: string;
  readonly problem: PhoneProblem;
}

export interface DncImportResult {
  readonly lines: number;
  readonly added: number;
  /** On the list before, or twice in the file. */
  readonly known: number;
  readonly refused: number;
  /** The first 1,000 refused lines. */
  readonly refusals: readonly DncRefusal[];
}

/**
 * Puts the numbers of a file on the list: one a line, alone or as the first cell of CSV, TSV or semicolons; a heading
 * is skipped. Numbers are written in digits, so any encoding that keeps ASCII will do, UTF-16 with its mark as well.
 * Batches are committed one by one: a file that is cut off, or loaded twice, does no harm.
 */
export async function importDnc(
  source: AsyncIterable<Buffer>,
  store: Pick<DncStore, 'addMany'>,
  options: DncImportOptions,
): Promise<DncImportResult> {
  let lines = 0;
  let added = 0;
  let refused = 0;
  const refusals: DncRefusal[] = [];
  let batch = new Map<string, DncAddition>();
  const flush = async (): Promise<void> => {
    added += await store.addMany([...batch.values()]);
    batch = new Map();
  };

  let number = 0;
  for await (const line of linesOf(source)) {
    number += 1;
    const cell = firstCell(line);
    if (cell === '') continue;
    const reading = readForDnc(cell, options.defaultCountry);
    if (!reading.ok && number === 1 && !/\d{5}/.test(cell)) continue;
    lines += 1;
    if (!reading.ok) {
      refused += 1;
      const { problem } = reading;
      if (refusals.length < keptRefusals) refusals.push({ line: number, text: cell.slice(0, 60), problem });
      continue;
    }
    const { campaignId, reason, by, at, expiresAt } = options;
    const { e164 } = reading;
    batch.set(e164, { e164, campaignId, reason, by, at, expiresAt, source: 'import' });
    if (batch.size >= batchSize) await flush();
  }
  if (batch.size > 0) await flush();
  return { lines, added, known: lines - refused - added, refused, refusals };
}

async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let rest = '';
  for await (const chunk of source) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    const parts = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/);
    rest = (parts.pop() ?? '').slice(0, longestLine);
    yield* parts;
  }
  rest += decoder?.decode() ?? '';
  if (rest !== '') yield rest;
}

function encodingOf(start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

function firstCell(line: string): string {
  const cell = line.replace(/^\uFEFF/, '').split(/[,;\t]/, 1)[0] ?? '';
  return cell.trim().replace(/^["'=]+|["']+$/g, '').trim(); // prettier-ignore
}

/** Of these a number may be possible all the same. */
const numberLike: ReadonlySet<PhoneProblem> = new Set([
  'not-assigned',
  'too-short',
  'too-long',
  'zeros-before-national',
]);

/** A number as people write it; one that is possible but not given out is taken too: not to call it harms nobody. */
function readLenient(text: string, country: string): PhoneReading {
  const reading = readPhone(text, country);
  if (reading.ok || !numberLike.has(reading.problem)) return reading;
  const number = parsePhoneNumber(text, country as CountryCode);
  return number?.isPossible() ? { ok: true, e164: number.number, type: 'other' } : reading;
}

/**
 * A number to be called no more. Without its country's code, one that is not given out in this country is more likely
 * another country's: were it taken for one of this country, whom it is meant for would be called.
 */
export function readForDnc(text: string, country: string): PhoneReading {
  return /^\W*(\+|00)/.test(text) ? readLenient(text, country) : readPhone(text, country);
}

/** E.164 of a number as people and official lists of that country write it, or null. */
export function toE164(text: string, country: string): string | null {
  const reading = readLenient(text, country);
  return reading.ok ? reading.e164 : null;
}
