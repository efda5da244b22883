import { z } from 'zod';
import { line } from '../text/index.ts';
import { parseDay, weekday } from '../time/local-day.ts';
import { dayKinds, type Calendar, type DayEdit, type SpecialDay } from './calendar.ts';
import { minutesOf } from './open-hours.ts';

export type CalendarChangeState = 'proposed' | 'approved' | 'refused';

/** Days of a calendar as somebody has written them, all at once. Rows are added and decided, never changed. */
export interface CalendarChange {
  readonly id: number;
  readonly calendar: string;
  readonly days: readonly DayEdit[];
  readonly state: CalendarChangeState;
  /** May let a call through that the calendar before it blocks: somebody else has to approve it. */
  readonly loosens: boolean;
  readonly note: string;
  readonly proposedBy: number | null;
  readonly proposedAt: number;
  readonly decidedBy: number | null;
  readonly decidedAt: number | null;
  readonly decisionNote: string | null;
}

const clockTime = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'calendar:errors.time');

export const dayEdit = z
  .object({
    date: z.string().refine(isDate, 'calendar:errors.date'),
    kind: z.enum(dayKinds, 'calendar:errors.kind'),
    name: line.min(1, 'calendar:errors.name').max(80),
    open: z.tuple([clockTime, clockTime]).optional(),
  })
  .superRefine(({ kind, open }, context) => {
    if (kind === 'half-day' && !open)
      context.addIssue({ code: 'custom', path: ['open'], message: 'calendar:errors.open' });
    else if (open && minutesOf(open[0]) >= minutesOf(open[1]))
      context.addIssue({ code: 'custom', path: ['open'], message: 'calendar:errors.order' });
  });

export const changeNote = z.string().trim().min(3).max(255);
export const calendarName = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{1,39}$/, 'calendar:errors.calendarName');

function isDate(text: string): boolean {
  try {
    return parseDay(text) !== undefined;
  } catch {
    return false;
  }
}

/** What of the edits makes a difference to the calendar as it is. */
export function realEdits(calendar: Calendar, days: readonly DayEdit[]): DayEdit[] {
  return days.filter((edit) => {
    const now = calendar.on(parseDay(edit.date));
    const sameHours = JSON.stringify(now?.open ?? null) === JSON.stringify(edit.open ?? null);
    return (
      (now?.kind ?? 'ordinary') !== edit.kind || !sameHours || (now !== undefined && now.name !== edit.name)
    );
  });
}

/**
 * May a day that is changed so let a call through that was blocked? `opensHolidays`: some hours are for holidays alone,
 * so that a day more may open what the weekday keeps shut. What cannot be said for certain counts as loosening.
 */
export function loosensDay(before: SpecialDay | undefined, edit: DayEdit, opensHolidays: boolean): boolean {
  const was = before?.kind ?? 'ordinary';
  const weekend = weekday(parseDay(edit.date)) >= 5;
  switch (edit.kind) {
    case 'holiday':
      return opensHolidays && was !== 'holiday';
    case 'workday':
      return was !== 'workday';
    case 'ordinary':
      return was === 'holiday' || was === 'half-day' || (was === 'workday' && !weekend);
    case 'half-day':
      if (was === 'holiday') return true;
      return was === 'half-day' && !(before?.open && edit.open && within(edit.open, before.open));
  }
}

function within(inner: readonly [string, string], outer: readonly [string, string]): boolean {
  return minutesOf(inner[0]) >= minutesOf(outer[0]) && minutesOf(inner[1]) <= minutesOf(outer[1]);
}
