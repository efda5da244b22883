import { TextDecoder } from 'node:util';
import { toE164 } from '../../dnc/dnc-import.ts';
import { callingCodeOfCountry } from '../zones/number-zones.ts';
import { toNumeric } from './number-pages.ts';

const dayMs = 86_400_000;
const epoch = Date.UTC(2000, 0, 1) / dayMs;
const longestLine = 400;

/** Days since 2000-01-01, as lists keep them. */
export function toListDay(day: number): number {
  return Math.min(65_535, Math.max(0, day - epoch));
}

/** Days since 1970-01-01. */
export function fromListDay(listDay: number): number {
  return listDay + epoch;
}

export interface ScrubLine {
  readonly numeric: number;
  readonly listDay: number;
  readonly removed: boolean;
}

/**
 * Reads lines of official lists: a number alone, `area,number` as the US list has it, or number and date; in a list of
 * changes the last cell is A or D. Null for a line that holds no number. A number is read as a customer's is, or the gate
 * would look for another: Italian mobile numbers begin with Italy's own 39, Indian ones with 91.
 */
export function createLineReader(country: string): (line: string) => ScrubLine | null {
  const code = callingCodeOfCountry(country) ?? '';
  return (line) => {
    const cells = line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^["'=]+|["']+$/g, ''));
    let [text = ''] = cells;
    if (code === '1' && /^\d{3}$/.test(text) && /^\d{7}$/.test(cells[1] ?? '')) text += cells[1]!;
    const numeric = read(text);
    if (numeric === null) return null;
    const date = cells.find((cell, index) => index > 0 && /^\d{4}-?\d\d-?\d\d$/.test(cell));
    return {
      numeric,
      listDay: date === undefined ? 0 : readDay(date),
      removed: cells.length > 1 && /^d$/i.test(cells.at(-1)!),
    };
  };

  function read(text: string): number | null {
    // A US list is ten million of these: nothing else has their form there.
    if (code === '1' && /^[2-9]\d{9}$/.test(text)) return Number(`1${text}`);
    const e164 = /(\d\D*){4}/.test(text) ? toE164(text, country) : null;
    if (e164 !== null) return toNumeric(e164);
    // No plan knows them: kept as they stand, as nobody is harmed by not being called.
    if (/^\+[1-9]\d{6,14}$/.test(text)) return Number(text.slice(1));
    return code !== '1' && text.startsWith(code) && /^\d{10,15}$/.test(text) ? Number(text) : null;
  }
}

function readDay(text: string): number {
  const digits = text.replaceAll('-', '');
  const at = Date.UTC(Number(digits.slice(0, 4)), Number(digits.slice(4, 6)) - 1, Number(digits.slice(6)));
  return Number.isNaN(at) ? 0 : toListDay(at / dayMs);
}

/** Lines of a text, whatever ends them; nothing is kept of a line beyond what a number needs. */
export async function* textLines(source: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  let decoder: TextDecoder | undefined;
  let rest = '';
  for await (const chunk of source) {
    decoder ??= new TextDecoder(chunk[0] === 0xff && chunk[1] === 0xfe ? 'utf-16le' : 'utf-8');
    const parts = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/);
    rest = (parts.pop() ?? '').slice(0, longestLine);
    yield parts;
  }
  rest += decoder?.decode() ?? '';
  if (rest !== '') yield [rest];
}
