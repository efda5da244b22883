import { zoneRules } from '../time/zone-rules.ts';
import { dayMs } from '../time/local-day.ts';
import type { Calendar, SpecialDay } from './calendar.ts';
import { isOpenAt, isOvernight, nextClosing, nextOpening, toWindows, type DayMark, type OpenHours } from './open-hours.ts'; // prettier-ignore

export interface WorkingTimeSettings {
  /** Monday first; several windows a day for a lunch break or split shifts. */
  readonly week: readonly (readonly (readonly [string, string])[])[];
  readonly zone: string;
  readonly calendar?: Calendar | null;
}

/** A clock that runs only while somebody works: for queues, promises of service and appointments. */
export interface WorkingTime {
  isOpen(at: number): boolean;
  /** `at` itself when open; null when it does not open within two years. */
  opensAt(at: number): number | null;
  /** `at` itself when closed; null when it never closes within two years. */
  closesAt(at: number): number | null;
  /** The instant at which `ms` of working time have passed since `at`; null when there never are so many. */
  after(at: number, ms: number): number | null;
  /** Working time between two instants, ms. */
  between(from: number, until: number): number;
}

const horizonMs = 731 * dayMs;

/** @throws RangeError for a zone that the zone data do not hold. */
export function createWorkingTime({ week, zone, calendar }: WorkingTimeSettings): WorkingTime {
  const clock = zoneRules(zone);
  if (!clock) throw new RangeError(`time zone "${zone}" is unknown`);
  const windows = week.map(toWindows);
  const hours: OpenHours = {
    ...{ week: windows, overnight: isOvernight(windows) },
    mark: (day) => (calendar ? markOf(calendar.on(day)) : undefined),
  };
  const opens = (at: number, limit: number): number => nextOpening(hours, clock, at, limit);
  const closes = (at: number, limit: number): number => nextClosing(hours, clock, at, limit);
  const finite = (at: number): number | null => (at === Infinity ? null : at);

  return {
    isOpen: (at) => isOpenAt(hours, clock, at),
    opensAt: (at) => finite(opens(at, at + horizonMs)),
    closesAt: (at) => finite(closes(at, at + horizonMs)),
    after(at, ms) {
      let left = ms;
      const limit = at + horizonMs;
      for (let from = opens(at, limit); from !== Infinity;) {
        const until = closes(from, limit);
        if (until - from >= left) return from + left;
        left -= until - from;
        from = opens(until, limit);
      }
      return null;
    },
    between(from, until) {
      let sum = 0;
      for (let start = opens(from, until); start !== Infinity;) {
        const end = Math.min(closes(start, until), until);
        sum += end - start;
        start = opens(end, until);
      }
      return sum;
    },
  };
}

/** What a special day means for hours. */
export function markOf(special: SpecialDay | undefined): DayMark | undefined {
  if (!special) return undefined;
  if (special.kind !== 'half-day') return special.kind;
  return special.open ? toWindows([special.open])[0] : undefined;
}
