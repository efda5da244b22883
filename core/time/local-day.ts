import type { ZoneRules } from './zone-rules.ts';

export const dayMs = 86_400_000;
const westernmostMs = 12 * 3_600_000;

/** A calendar date as the number of days since 1970-01-01. */
export type DayNumber = number;

export function localDay(zone: ZoneRules, at: number): DayNumber {
  return Math.floor((at + zone.offsetAt(at)) / dayMs);
}

/**
 * The earliest date any of the zones shows, the earliest anywhere on earth when there is none: what is counted from it
 * ends a day too early where it was another, and never too late.
 */
export function earliestDay(zones: readonly ZoneRules[], at: number): DayNumber {
  if (zones.length === 0) return Math.floor((at - westernmostMs) / dayMs);
  let earliest = Infinity;
  for (const zone of zones) earliest = Math.min(earliest, localDay(zone, at));
  return earliest;
}

/** Monday is 0, Sunday 6. */
export function weekday(day: DayNumber): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** @throws RangeError unless the text is a calendar date 'YYYY-MM-DD'. */
export function parseDay(text: string): DayNumber {
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(ms) || formatDay(ms / dayMs) !== text)
    throw new RangeError(`"${text}" is not a calendar date (YYYY-MM-DD)`);
  return ms / dayMs;
}

export function formatDay(day: DayNumber): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** Same day of a later month; the month's last day where it has none such: 31 August + 18 months is 29 February. */
export function addMonths(day: DayNumber, months: number): DayNumber {
  const date = new Date(day * dayMs);
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  const next = new Date(first);
  const length = Date.UTC(next.getUTCFullYear(), next.getUTCMonth() + 1, 0) / dayMs - first / dayMs + 1;
  return first / dayMs + Math.min(date.getUTCDate(), length) - 1;
}

/** '2026-11-23T07:59:59-05:00': what a wall clock in that zone shows. */
export function formatLocal(zone: ZoneRules, at: number): string {
  const offset = zone.offsetAt(at);
  const minutes = Math.abs(offset) / 60_000;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  return `${new Date(at + offset).toISOString().slice(0, 19)}${sign}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** A part of one local day during which the offset does not change. */
export interface DayPiece {
  readonly day: DayNumber;
  readonly from: number;
  readonly until: number;
  readonly offset: number;
}

/** The piece that holds `at`. Following pieces: `pieceAt(zone, piece.until)`. */
export function pieceAt(zone: ZoneRules, at: number): DayPiece {
  const stretch = zone.stretchAt(at);
  const day = Math.floor((at + stretch.offset) / dayMs);
  const midnight = (day + 1) * dayMs - stretch.offset;
  return { day, from: at, until: Math.min(midnight, stretch.until), offset: stretch.offset };
}
