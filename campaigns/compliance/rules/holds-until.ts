import { nextClosing } from '../../../core/calendar/open-hours.ts';
import { pieceAt } from '../../../core/time/local-day.ts';
import type { ZoneRules } from '../../../core/time/zone-rules.ts';
import type { RuleSet } from './rule-set.ts';

/** To the hour the oldest calls leave a rolling window of the abandon rate. */
const hourMs = 3_600_000;

/**
 * The first instant after `at` at which the clock alone may forbid what it allows then: a window's end, another day
 * (holidays, age of a comparison, relationships, duties of consent), another offset, another hour that is counted from.
 */
export function holdsUntil(ruleSets: readonly RuleSet[], zones: readonly ZoneRules[], at: number): number {
  let until = at - (at % hourMs) + hourMs;
  for (const zone of zones) until = Math.min(until, pieceAt(zone, at).until);
  for (const rules of ruleSets)
    for (const zone of zones) {
      const closes = nextClosing(rules, zone, at, until);
      // Closed already: a leave or a consent lets the call through all the same.
      if (closes > at) until = Math.min(until, closes);
    }
  return until;
}
