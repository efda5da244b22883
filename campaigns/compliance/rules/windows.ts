import { windowsOn } from '../../../core/calendar/open-hours.ts';
import { dayMs } from '../../../core/time/local-day.ts';
import type { ZoneRules } from '../../../core/time/zone-rules.ts';
import type { BlockReason } from '../reason.ts';
import type { RuleSet } from './rule-set.ts';

export { nextOpening } from '../../../core/calendar/open-hours.ts';

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
  if (!first) return rules.mark(day) === 'holiday' ? 'HOLIDAY_PROHIBITED' : 'DAY_PROHIBITED';
  if (time < first.start) return 'TIME_BEFORE_OPEN';
  return windows.some((window) => time < window.start) ? 'TIME_BETWEEN_WINDOWS' : 'TIME_AFTER_CLOSE';
}
