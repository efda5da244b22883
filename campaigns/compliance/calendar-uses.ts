import type { App } from '../../core/app.ts';
import type { CalendarBook } from '../../core/calendar/index.ts';
import { createRuleBook } from './rulebook/rule-book.ts';

/** What of the law hangs on a calendar. */
export interface CalendarUse {
  readonly ruleSets: readonly string[];
  /** One of them has hours for holidays alone: a holiday more may open what the weekday keeps shut. */
  readonly opensHolidays: boolean;
}

/** Rule sets that go by a calendar, or by one that has its days from it. */
export function createCalendarUses(app: Pick<App, 'db' | 'bus' | 'clock'>) {
  const book = createRuleBook(app);
  return async (calendars: CalendarBook): Promise<(name: string) => CalendarUse> => {
    const catalogue = await book.at(app.clock.now());
    const uses = new Map<string, { ruleSets: string[]; opensHolidays: boolean }>();
    for (const name of catalogue.names) {
      const { form } = catalogue.get(name)!;
      for (let calendar = form.calendar; calendar; calendar = calendars.get(calendar)?.parent ?? undefined) {
        const use = uses.get(calendar) ?? { ruleSets: [], opensHolidays: false };
        use.ruleSets.push(name);
        use.opensHolidays ||= form.holiday_windows !== undefined;
        uses.set(calendar, use);
      }
    }
    return (name) => uses.get(name) ?? { ruleSets: [], opensHolidays: false };
  };
}
