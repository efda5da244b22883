import type { App } from '../../core/app.ts';
import type { CalendarBook } from '../../core/calendar/index.ts';
import { createRuleBook } from './rulebook/rule-book.ts';
import { createRuleVersionStore } from './rulebook/rule-version-store.ts';

/** What of the law hangs on a calendar. */
export interface CalendarUse {
  readonly ruleSets: readonly string[];
  /** One of them has hours for holidays alone: a holiday more may open what the weekday keeps shut. */
  readonly opensHolidays: boolean;
}

/** Rule sets that go by a calendar, or by one that has its days from it: those that hold, will, or are proposed. */
export function createCalendarUses(app: Pick<App, 'db' | 'bus' | 'clock'>) {
  const book = createRuleBook(app);
  const versions = createRuleVersionStore(app);
  return async (calendars: CalendarBook): Promise<(name: string) => CalendarUse> => {
    const now = app.clock.now();
    const catalogue = await book.at(now);
    const coming = [...(await versions.approved()), ...(await versions.proposed())];
    const rules = [
      ...catalogue.names.map((name) => ({ name, form: catalogue.get(name)!.form })),
      ...coming.filter(({ state, effectiveAt }) => state === 'proposed' || effectiveAt > now),
    ];
    const uses = new Map<string, { ruleSets: string[]; opensHolidays: boolean }>();
    for (const { name, form } of rules)
      for (let calendar = form.calendar; calendar; calendar = calendars.get(calendar)?.parent ?? undefined) {
        const use = uses.get(calendar) ?? { ruleSets: [], opensHolidays: false };
        if (!use.ruleSets.includes(name)) use.ruleSets.push(name);
        use.opensHolidays ||= form.holiday_windows !== undefined;
        uses.set(calendar, use);
      }
    return (name) => uses.get(name) ?? { ruleSets: [], opensHolidays: false };
  };
}
