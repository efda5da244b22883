import type { App } from '../../../core/app.ts';
import { createCalendars, createCalendarStore } from '../../../core/calendar/index.ts';
import { formatDay } from '../../../core/time/local-day.ts';
import { createRuleBook } from '../rulebook/rule-book.ts';
import { createRuleVersionStore } from '../rulebook/rule-version-store.ts';
import { loadCatalogue } from '../rules/catalogue.ts';
import { formVersion } from '../rules/rule-set.ts';

export interface ProofPeriod {
  readonly from: number;
  readonly until: number;
  /** Whose days it goes by. */
  readonly zone: string;
}

/** The law of a period as it stood, for a proof pack: texts of rule versions, days of calendars, and who decided them. */
export function createRuleTexts(app: Pick<App, 'db' | 'bus' | 'clock'>) {
  const versions = createRuleVersionStore(app);
  const changes = createCalendarStore(app);
  const book = createRuleBook(app);
  const calendarBook = createCalendars(app);

  /** The text behind each of these rule versions, and who approved it. */
  async function texts(parts: readonly string[]) {
    const shipped = loadCatalogue();
    const edited = await versions.approved();
    const found: Record<string, unknown> = {};
    for (const part of parts) {
      const [name = '', version = ''] = part.split('@');
      const own = edited.find((one) => one.name === name && one.version === version.split('.')[0]);
      const set = shipped.get(name);
      if (own) {
        const { form, effectiveAt, proposedBy, proposedAt, decidedBy, decidedAt, note, loosens } = own;
        found[part] = {
          ...{ form, note, loosens, proposedBy, decidedBy, effectiveAt: iso(effectiveAt) },
          ...{ proposedAt: iso(proposedAt), decidedAt: maybe(decidedAt) },
        };
      } else if (set && formVersion(set.form) === version.split('.')[0])
        found[part] = { form: set.form, shipped: true };
      else if (name !== '')
        found[part] = { note: 'hours of the campaign at that time, or a version no longer kept' };
    }
    return found;
  }

  /** Calendars that rule sets go by: their days of the period's years, and every change of them. */
  async function calendars({ from, until }: ProofPeriod) {
    const catalogue = await book.at(app.clock.now());
    const all = await calendarBook.now();
    const names = new Set(catalogue.names.map((name) => catalogue.get(name)?.form.calendar));
    const [first, last] = [from, until].map((at) => new Date(at).getUTCFullYear()) as [number, number];
    const found: Record<string, unknown> = {};
    for (const name of names) {
      const calendar = name === undefined ? undefined : all.get(name);
      if (!calendar) continue;
      const days = [];
      for (let year = first; year <= last; year += 1)
        for (const { day, ...rest } of calendar.daysOf(year)) days.push({ date: formatDay(day), ...rest });
      found[calendar.name] = {
        version: calendar.version,
        days,
        changes: (await changes.ofCalendar(calendar.name)).map(({ proposedAt, decidedAt, ...change }) => ({
          ...{ ...change, proposedAt: iso(proposedAt), decidedAt: maybe(decidedAt) },
        })),
      };
    }
    return found;
  }

  return { texts, calendars };
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

export function maybe(at: number | null): string | null {
  return at === null ? null : iso(at);
}
