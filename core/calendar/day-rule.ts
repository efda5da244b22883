import { dayMs, weekday, type DayNumber } from '../time/local-day.ts';
import { lunarDay, solarTermDay, type SolarTermName } from './lunar.ts';

/** Where in a year a day of a calendar lies. Data: the same rules have the same text. */
type When =
  | { readonly fixed: readonly [month: number, day: number] }
  /** Weekdays from Monday 0; the last of a month is -1. */
  | { readonly nth: readonly [month: number, weekday: number, nth: number, plus: number] }
  | { readonly easter: number }
  | { readonly lunar: readonly [month: number, day: number, plus: number] }
  | { readonly term: SolarTermName; readonly hoursAhead: number };

/**
 * What happens to a day that falls on a weekend: `us` Friday for Saturday and Monday for Sunday; `after` the next free
 * weekday; `sunday` the next free day for a Sunday alone; `tw` Friday for Saturday and the next free weekday for Sunday.
 * The day itself stays a holiday.
 */
export type Shift = 'us' | 'after' | 'sunday' | 'tw';

export interface DayRule {
  /** Key of its name in the locales, `calendar:days.<name>`. */
  readonly name: string;
  readonly when: When;
  readonly shift?: Shift;
  readonly from?: number;
  readonly until?: number;
  /** In even years only. */
  readonly even?: true;
  /** Hours of a half-day; a whole day off without. */
  readonly open?: readonly [string, string];
  /** Coming upon another holiday it is kept on the free weekday before, after a Thursday on the one after. */
  readonly apart?: true;
}
type More = Omit<DayRule, 'name' | 'when'>;

const [monday, tuesday, thursday] = [0, 1, 3];
export const on = (name: string, month: number, day: number, more: More = {}): DayRule => ({
  ...{ name, when: { fixed: [month, day] }, ...more },
});
const nth = (
  name: string,
  month: number,
  day: number,
  count: number,
  more: More = {},
  plus = 0,
): DayRule => ({
  ...{ name, when: { nth: [month, day, count, plus] }, ...more },
});
export const mondayOf = (name: string, month: number, count: number, more?: More): DayRule =>
  nth(name, month, monday, count, more);
export const tuesdayOf = (name: string, month: number, count: number): DayRule =>
  nth(name, month, tuesday, count);
export const thursdayOf = (name: string, month: number, count: number): DayRule =>
  nth(name, month, thursday, count);
/** The Tuesday after the first Monday of November. */
export const electionDay = (more: More): DayRule => nth('election', 11, monday, 1, more, 1);
/** Monday before 25 May. */
export const victoriaDay = (): DayRule => nth('victoria', 5, monday, -25, {});
export const easter = (name: string, plus: number, more: More = {}): DayRule => ({
  ...{ name, when: { easter: plus }, ...more },
});
export const lunar = (name: string, month: number, day: number, more: More = {}, plus = 0): DayRule => ({
  ...{ name, when: { lunar: [month, day, plus] }, ...more },
});
export const term = (name: string, of: SolarTermName, more: More = {}, hoursAhead = 0): DayRule => ({
  ...{ name, when: { term: of, hoursAhead }, ...more },
});

const dayOf = (year: number, month: number, day: number): DayNumber => Date.UTC(year, month - 1, day) / dayMs;

/** The day of a rule in a year, before anything is shifted; null in years it does not hold. */
export function dayOfRule({ when, from, until, even }: DayRule, year: number): DayNumber | null {
  if (year < (from ?? -Infinity) || year > (until ?? Infinity) || (even && year % 2 !== 0)) return null;
  if ('fixed' in when) return dayOf(year, ...when.fixed);
  if ('easter' in when) return easterSunday(year) + when.easter;
  if ('term' in when) return solarTermDay(year, when.term, when.hoursAhead);
  if ('lunar' in when) {
    const [month, day, plus] = when.lunar;
    // The eve of the new year is counted from its first day.
    return lunarDay(year, month, day) + plus;
  }
  const [month, wanted, count, plus] = when.nth;
  if (count < -1) {
    const before = dayOf(year, month, -count) - 1;
    return before - ((weekday(before) - wanted + 7) % 7) + plus;
  }
  if (count === -1) {
    const last = dayOf(year, month + 1, 0);
    return last - ((weekday(last) - wanted + 7) % 7) + plus;
  }
  const first = dayOf(year, month, 1);
  return first + ((wanted - weekday(first) + 7) % 7) + (count - 1) * 7 + plus;
}

/** Sunday of Easter in the Gregorian calendar, by the anonymous rule of 1876. */
function easterSunday(year: number): DayNumber {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const rest = year % 100;
  const leaps = Math.floor(century / 4);
  const moon = (19 * golden + century - leaps - Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3) + 15) % 30; // prettier-ignore
  const toSunday = (32 + 2 * (century % 4) + 2 * Math.floor(rest / 4) - moon - (rest % 4)) % 7;
  const late = Math.floor((golden + 11 * moon + 22 * toSunday) / 451);
  const sum = moon + toSunday - 7 * late + 114;
  return dayOf(year, Math.floor(sum / 31), (sum % 31) + 1);
}
