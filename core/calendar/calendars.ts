import type { App } from '../app.ts';
import { createCalendarBook, type CalendarBook } from './calendar.ts';
import { createCalendarStore } from './calendar-store.ts';

/** The firm's calendars of this moment: for the hours of the law, of campaigns, queues and promises of service. */
export interface Calendars {
  /** The same book until something was decided. Rejects when the database does not answer. */
  now(): Promise<CalendarBook>;
}

export function createCalendars(app: Pick<App, 'db' | 'bus'>): Calendars {
  const store = createCalendarStore(app);
  let known: { stamp: string; book: CalendarBook } | null = null;
  return {
    async now() {
      const stamp = await store.stamp();
      if (stamp !== known?.stamp) {
        const [own, edits] = await Promise.all([store.own(), store.approved()]);
        known = { stamp, book: createCalendarBook(own, edits) };
      }
      return known.book;
    },
  };
}
