import type { Request } from 'express';
import { fromLocal } from '../../core/time/local-time.ts';
import {
  lunarDateOf,
  type Calendar,
  type CalendarChange,
  type DayEdit,
  type SpecialDay,
} from '../../core/calendar/index.ts';
import { dayMs, formatDay, parseDay, weekday } from '../../core/time/local-day.ts';

const lunarCalendars = /^(CN|TW|HK)/;

/** A calendar's name: the firm's own words, or those of the locales. */
export function nameWords(
  { context: { t } }: Request,
  { name, title }: Pick<Calendar, 'name' | 'title'>,
): string {
  return title ?? t(`calendar:names.${name}`);
}

/** Names of days are keys of the locales; what somebody wrote stays as it is. */
function dayWords({ context: { t } }: Request, { name }: { name: string }): string {
  return t(`calendar:days.${name}`, { defaultValue: name });
}

const monthDays = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** Twelve months with their days in weeks from Monday, and what is special about each day. */
export function yearView(req: Request, calendar: Calendar, year: number) {
  const { locale, t } = req.context;
  const special = new Map(calendar.daysOf(year).map((one) => [one.day, one]));
  const words = (date: Date, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(date);
  const weekdays = Array.from({ length: 7 }, (_, index) =>
    words(new Date(Date.UTC(2026, 0, 5 + index)), { weekday: 'narrow' }),
  );
  return Array.from({ length: 12 }, (_, index) => {
    const first = Date.UTC(year, index, 1) / dayMs;
    const cells = Array.from({ length: monthDays(year, index + 1) }, (_cell, offset) => {
      const found = special.get(first + offset);
      return {
        day: offset + 1,
        kind: found?.kind ?? '',
        mark: found ? t(`calendar:marks.${found.kind}`) : '',
        title: found ? `${dayWords(req, found)} · ${t(`calendar:kinds.${found.kind}`)}` : '',
        weekend: weekday(first + offset) >= 5,
      };
    });
    const blanks = Array.from({ length: weekday(first) }, () => null);
    const all = [...blanks, ...cells];
    const weeks = Array.from({ length: Math.ceil(all.length / 7) }, (_week, row) => ({
      cells: Array.from({ length: 7 }, (_cell, column) => all[row * 7 + column] ?? { blank: true }),
    }));
    return { label: words(new Date(first * dayMs), { month: 'long' }), weekdays, weeks };
  });
}

const badges = { holiday: 'lost', workday: 'ready', 'half-day': 'reserved', ordinary: 'off' } as const;

export function dayView(req: Request, calendar: Pick<Calendar, 'name'>, one: SpecialDay) {
  const { t } = req.context;
  const lunar = lunarCalendars.test(calendar.name) ? lunarDateOf(one.day) : null;
  return {
    ...dateWords(req, formatDay(one.day)),
    ...{ badge: badges[one.kind], kindWord: t(`calendar:kinds.${one.kind}`), name: dayWords(req, one) },
    hours: one.open ? one.open.join('–') : '',
    lunar: lunar ? `${lunar.month < 0 ? t('calendar:leap') : ''}${Math.abs(lunar.month)}/${lunar.day}` : '',
    source: t(`calendar:sources.${one.source}`),
  };
}

export function editView(req: Request, before: SpecialDay | undefined, edit: DayEdit) {
  const { t } = req.context;
  const hours = (open: readonly [string, string] | undefined) => (open ? ` ${open.join('–')}` : '');
  return {
    ...dateWords(req, edit.date),
    before: before
      ? `${t(`calendar:kinds.${before.kind}`)}${hours(before.open)} · ${dayWords(req, before)}`
      : t('calendar:kinds.ordinary'),
    ...{ badge: badges[edit.kind], kindWord: t(`calendar:kinds.${edit.kind}`) },
    after: `${dayWords(req, edit)}${hours(edit.open)}`,
  };
}

function dateWords({ context: { locale } }: Request, date: string) {
  const local = fromLocal(date, 'UTC').setLocale(locale);
  return { date, weekday: local.toLocaleString({ weekday: 'short' }) };
}

const changeBadges = { proposed: 'paused', approved: 'ready', refused: 'lost' } as const;

export function changeView(
  req: Request,
  calendar: Calendar,
  change: CalendarChange,
  who: (id: number | null) => string,
) {
  const waits = change.state === 'proposed';
  return {
    ...change,
    badge: changeBadges[change.state],
    stateWord: req.context.t(`calendar:states.${change.state}`),
    by: who(change.proposedBy),
    decider: change.decidedAt === null || change.decidedBy === change.proposedBy ? '' : who(change.decidedBy),
    edits: change.days.map((edit) =>
      editView(req, waits ? calendar.on(parseDay(edit.date)) : undefined, edit),
    ),
  };
}
