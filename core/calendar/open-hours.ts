import { dayMs, pieceAt, weekday, type DayNumber, type DayPiece } from '../time/local-day.ts';
import type { ZoneRules } from '../time/zone-rules.ts';

const minuteMs = 60_000;

/** Half-open, ms since the local midnight at which its day starts; past 24 h it runs into the next day. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** What a day is apart from its weekday: a holiday, worked as a Monday, or open within these hours only. */
export type DayMark = 'holiday' | 'workday' | Window;

/** Hours of a week and what special days make of them: of the law, a campaign, a queue or a promise of service. */
export interface OpenHours {
  /** Monday first. */
  readonly week: readonly (readonly Window[])[];
  readonly overnight: boolean;
  mark(day: DayNumber): DayMark | undefined;
  /** Instead of the weekday's, on a holiday; closed without. */
  readonly holidayWindows?: readonly Window[] | null;
  /** The weekday's are cut down to these on the day before a holiday. */
  readonly preholidayWindows?: readonly Window[] | null;
}

/** The windows that start on `day`. */
export function windowsOn(hours: OpenHours, day: DayNumber): readonly Window[] {
  const mark = hours.mark(day);
  if (mark === 'holiday') return hours.holidayWindows ?? [];
  let usual = hours.week[mark === 'workday' ? 0 : weekday(day)] as readonly Window[];
  if (typeof mark === 'object') usual = common(usual, [mark]);
  if (hours.preholidayWindows && hours.mark(day + 1) === 'holiday')
    return common(usual, hours.preholidayWindows);
  return usual;
}

export function isOpenAt(hours: OpenHours, zone: ZoneRules, at: number): boolean {
  const local = at + zone.offsetAt(at);
  const day = Math.floor(local / dayMs);
  const time = local - day * dayMs;
  if (windowsOn(hours, day).some((window) => holds(window, time))) return true;
  return hours.overnight && windowsOn(hours, day - 1).some((window) => holds(window, time + dayMs));
}

function holds({ start, end }: Window, time: number): boolean {
  return time >= start && time < end;
}

/**
 * The first instant at or after `from`, and before `limit`, inside a window; Infinity when there is none. Goes over
 * pieces of constant offset, so that a skipped or repeated hour is what the wall clock shows.
 */
export function nextOpening(hours: OpenHours, zone: ZoneRules, from: number, limit: number): number {
  let at = from;
  while (at < limit) {
    const piece = pieceAt(zone, at);
    let opens = Infinity;
    for (const [midnight, windows] of windowsIn(hours, piece))
      for (const window of windows) {
        const candidate = Math.max(midnight + window.start, piece.from);
        if (candidate < Math.min(midnight + window.end, piece.until)) opens = Math.min(opens, candidate);
      }
    if (opens !== Infinity) return opens < limit ? opens : Infinity;
    at = piece.until;
  }
  return Infinity;
}

/** The first instant at or after `from`, and before `limit`, outside all windows; Infinity when there is none. */
export function nextClosing(hours: OpenHours, zone: ZoneRules, from: number, limit: number): number {
  let at = from;
  while (at < limit) {
    const piece = pieceAt(zone, at);
    let end = at;
    for (let moved = true; moved;) {
      moved = false;
      for (const [midnight, windows] of windowsIn(hours, piece))
        for (const window of windows)
          if (end >= midnight + window.start && end < midnight + window.end) {
            end = midnight + window.end;
            moved = true;
          }
    }
    if (end < piece.until) return end < limit ? end : Infinity;
    at = piece.until;
  }
  return Infinity;
}

/** Windows that may bear on a piece of a day, with the midnight they count from by the piece's own clock. */
function* windowsIn(hours: OpenHours, piece: DayPiece): Generator<[number, readonly Window[]]> {
  const midnight = piece.day * dayMs - piece.offset;
  yield [midnight, windowsOn(hours, piece.day)];
  if (hours.overnight) yield [midnight - dayMs, windowsOn(hours, piece.day - 1)];
}

function common(a: readonly Window[], b: readonly Window[]): Window[] {
  return a
    .flatMap((x) => b.map((y) => ({ start: Math.max(x.start, y.start), end: Math.min(x.end, y.end) })))
    .filter((window) => window.start < window.end);
}

/** `[['09:00', '12:00'], …]` in their order. */
export function toWindows(written: readonly (readonly [string, string])[]): Window[] {
  return written
    .map(([start, end]) => ({ start: minutesOf(start) * minuteMs, end: minutesOf(end) * minuteMs }))
    .sort((a, b) => a.start - b.start);
}

export function isOvernight(week: readonly (readonly Window[])[]): boolean {
  return week.some((windows) => windows.some(({ end }) => end > dayMs));
}

/** Minutes of `HH:MM` since midnight; up to 48:00. */
export function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}
