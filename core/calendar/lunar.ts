import { LunarDay, LunarMonth, SolarDay, SolarTerm } from 'tyme4ts';
import { dayMs, type DayNumber } from '../time/local-day.ts';

/** Terms of the sun that holidays hang on. */
export type SolarTermName = '清明' | '春分' | '秋分';

/** The day of a date of the Chinese lunar calendar that begins in `year`; day -1 is the last of its month. */
export function lunarDay(year: number, month: number, day: number): DayNumber {
  const on = day === -1 ? LunarMonth.fromYm(year, month).getDayCount() : day;
  return toDay(LunarDay.fromYmd(year, month, on).getSolarDay());
}

/** The day of a solar term by Beijing's clock, or by one `hoursAhead` of it. */
export function solarTermDay(year: number, term: SolarTermName, hoursAhead = 0): DayNumber {
  const moment = SolarTerm.fromName(year, term).getJulianDay().getSolarTime();
  const day = toDay(moment.getSolarDay());
  return moment.getHour() + hoursAhead >= 24 ? day + 1 : day;
}

function toDay(day: SolarDay): DayNumber {
  return Date.UTC(day.getYear(), day.getMonth() - 1, day.getDay()) / dayMs;
}

/** Month (negative in a leap month) and day of the Chinese lunar calendar. */
export function lunarDateOf(day: DayNumber): { month: number; day: number } {
  const date = new Date(day * dayMs);
  const lunar = SolarDay.fromYmd(
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
  ).getLunarDay();
  return { month: lunar.getMonth(), day: lunar.getDay() };
}
