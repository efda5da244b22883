import { asianCalendars } from './asian-calendars.ts';
import type { CalendarDefinition } from './calendar-definition.ts';
import { westernCalendars } from './western-calendars.ts';

export const shippedCalendars: ReadonlyMap<string, CalendarDefinition> = new Map(
  [...asianCalendars, ...westernCalendars].map((definition) => [definition.name, definition]),
);
