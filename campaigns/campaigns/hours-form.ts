import type { z } from 'zod';
import { clockTime } from '../../core/time/typed.ts';
import { weekdays, type CallingHours, type HoursWindow, type Weekday } from './hours.ts';

/** `hours_mon_0_from`: flat names, so that an error finds its field. */
const fieldName = /^hours_(mon|tue|wed|thu|fri|sat|sun)_(\d{1,2})_(from|to)$/;

interface WrittenWindow {
  readonly index: number;
  readonly from: string;
  readonly to: string;
}

const nameOf = (day: Weekday, index: number, end: 'from' | 'to') => `hours_${day}_${index}_${end}`;

/** What a form says of a day, in the order of its rows. */
function windowsIn(form: Readonly<Record<string, unknown>>, day: Weekday): WrittenWindow[] {
  const rows = new Map<number, { from: string; to: string }>();
  for (const [name, value] of Object.entries(form)) {
    const [, ofDay, number, end] = fieldName.exec(name) ?? [];
    if (ofDay !== day) continue;
    const row = rows.get(Number(number)) ?? { from: '', to: '' };
    row[end as 'from' | 'to'] = typeof value === 'string' ? value.trim() : '';
    rows.set(Number(number), row);
  }
  return [...rows].map(([index, row]) => ({ index, ...row })).sort((a, b) => a.index - b.index);
}

/** The hours of a posted form, each day in the order of time, with what is wrong told beside its field. */
export function readHours(form: Readonly<Record<string, unknown>>, context: z.RefinementCtx): CallingHours {
  const hours = {} as Record<Weekday, HoursWindow[]>;
  for (const day of weekdays)
    hours[day] = readWindows(windowsIn(form, day), (index, end) => nameOf(day, index, end), context);
  return hours;
}

const partName = (index: number, end: 'from' | 'to') => `dayPart_${index}_${end}`;
/** So many rows for parts of the day the form has. */
const partRows = [0, 1, 2, 3];

export function readDayParts(
  form: Readonly<Record<string, unknown>>,
  context: z.RefinementCtx,
): readonly HoursWindow[] {
  const typed = (name: string) => (typeof form[name] === 'string' ? form[name].trim() : '');
  const rows = partRows.map((index) => ({
    ...{ index, from: typed(partName(index, 'from')), to: typed(partName(index, 'to')) },
  }));
  return readWindows(rows, partName, context);
}

/** What the form shows of parts of the day. */
export function dayPartFields(parts: readonly HoursWindow[]): Record<string, string> {
  return Object.fromEntries(
    parts.flatMap(([from, to], index) => [
      [partName(index, 'from'), from],
      [partName(index, 'to'), to],
    ]),
  );
}

export const dayPartRows = partRows.map((index) => ({
  label: `campaigns:retry.dayPart.${index + 1}`,
  from: partName(index, 'from'),
  to: partName(index, 'to'),
}));

/** Windows in the order of time; what is wrong is told beside its field. */
function readWindows(
  written: readonly WrittenWindow[],
  fieldOf: (index: number, end: 'from' | 'to') => string,
  context: z.RefinementCtx,
): HoursWindow[] {
  const wrong = (index: number, end: 'from' | 'to', key: string) =>
    void context.addIssue({
      code: 'custom',
      path: [fieldOf(index, end)],
      message: `campaigns:errors.${key}`,
    });
  const good: { index: number; window: HoursWindow }[] = [];
  for (const { index, ...typed } of written) {
    if (typed.from === '' && typed.to === '') continue;
    const from = clockTime(typed.from);
    const end = clockTime(typed.to);
    // Midnight as an end is that of the next day.
    const to = end === '00:00' ? '24:00' : end;
    if (typed.from === '') wrong(index, 'from', 'windowHalf');
    else if (typed.to === '') wrong(index, 'to', 'windowHalf');
    else if (from === null || from === '24:00') wrong(index, 'from', 'time');
    else if (to === null) wrong(index, 'to', 'time');
    else if (from >= to) wrong(index, 'to', 'windowOrder');
    else good.push({ index, window: [from, to] });
  }
  good.sort((a, b) => (a.window[0] < b.window[0] ? -1 : 1));
  good.forEach(({ index, window }, place) => {
    const before = good[place - 1];
    if (before && window[0] < before.window[1]) wrong(index, 'from', 'windowOverlap');
  });
  return good.map(({ window }) => window);
}

/** What the form shows of hours. */
export function hoursFields(hours: CallingHours): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const day of weekdays)
    hours[day].forEach(([from, to], index) => {
      fields[nameOf(day, index, 'from')] = from;
      fields[nameOf(day, index, 'to')] = to;
    });
  return fields;
}

/** The rows a day has in the form, by the names of their fields: at least one, to be filled in. */
export function hoursRows(values: Readonly<Record<string, unknown>>, day: Weekday) {
  const written = windowsIn(values, day);
  const rows = written.length > 0 ? written : [{ index: 0 }];
  return rows.map(({ index }) => ({ from: nameOf(day, index, 'from'), to: nameOf(day, index, 'to') }));
}
