export {
  createCalendarBook,
  dayKinds,
  type Calendar,
  type CalendarBook,
  type DayEdit,
  type DayKind,
  type OwnCalendar,
  type SpecialDay,
} from './calendar.ts';
export {
  calendarName,
  changeNote,
  dayEdit,
  loosensDay,
  realEdits,
  type CalendarChange,
} from './calendar-change.ts';
export { lunarDateOf } from './lunar.ts';
export { readDays, type RefusedLine } from './read-days.ts';
export { createCalendarStore, type CalendarStore } from './calendar-store.ts';
export { createCalendars, type Calendars } from './calendars.ts';
export { createWorkingTime, markOf, type WorkingTime, type WorkingTimeSettings } from './working-time.ts';
