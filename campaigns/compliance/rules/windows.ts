import { dayMs, pieceAt, type DayPiece } from '../../../core/time/local-day.ts';
import type { ZoneRules } from '../../../core/time/zone-rules.ts';
import type { BlockReason } from '../reason.ts';
import { windowsOn, type RuleSet, type Window } from './rule-set.ts';

/** Null inside a window of the zone's wall clock, else why not. Overnight windows belong to the day they start on. */
export function closedBecause(rules: RuleSet, zone: ZoneRules, at: number): BlockReason | null {
  const local = at + zone.offsetAt(at);
  const day = Math.floor(local / dayMs);
  const time = local - day * dayMs;
  const windows = windowsOn(rules, day);
  for (const window of windows) if (time >= window.start && time < window.end) return null;
  if (rules.overnight)
    for (const window of windowsOn(rules, day - 1))
      if (time + dayMs >= window.start && time + dayMs < window.end) return null;

  const first = windows[0];
  if (!first) return rules.holidays.has(day) ? 'HOLIDAY_PROHIBITED' : 'DAY_PROHIBITED';
  if (time < first.start) return 'TIME_BEFORE_OPEN';
  return windows.some((window) => time < window.start) ? 'TIME_BETWEEN_WINDOWS' : 'TIME_AFTER_CLOSE';
}

/**
 * The first instant at or after `from`, and before `limit`, inside a window; Infinity when there is none. Goes over
 * pieces of constant offset, so that a skipped or repeated hour is what the wall clock shows.
 */
export function nextOpening(rules: RuleSet, zone: ZoneRules, from: number, limit: number): number {
  let at = from;
  while (at < limit) {
    const piece = pieceAt(zone, at);
    const midnight = piece.day * dayMs - piece.offset;
    let opens = firstIn(piece, midnight, windowsOn(rules, piece.day));
    if (rules.overnight)
      opens = Math.min(opens, firstIn(piece, midnight - dayMs, windowsOn(rules, piece.day - 1)));
    if (opens !== Infinity) return opens < limit ? opens : Infinity;
    at = piece.until;
  }
  return Infinity;
}

/** The first instant of a piece inside windows that count from `midnight`. */
function firstIn(piece: DayPiece, midnight: number, windows: readonly Window[]): number {
  for (const window of windows) {
    const candidate = Math.max(midnight + window.start, piece.from);
    if (candidate < Math.min(midnight + window.end, piece.until)) return candidate;
  }
  return Infinity;
}
