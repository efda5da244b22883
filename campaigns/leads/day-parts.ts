import type { DateTime } from 'luxon';
import { localTime } from '../../core/time/local-time.ts';
import { weekdays, type CallingHours, type HoursWindow } from '../campaigns/hours.ts';

/** A part of the customer's day, such as the morning. */
export type DayPart = HoursWindow;

const searchedDays = 15;

export const partName = ([from, to]: DayPart): string => `${from}-${to}`;

/** The part in which an instant (epoch ms) falls in `zone`; null: outside all of them. */
export function partAt(parts: readonly DayPart[], at: number, zone: string): DayPart | null {
  const time = localTime(at, zone).toFormat('HH:mm');
  return parts.find(([from, to]) => from <= time && time < to) ?? null;
}

/**
 * The first instant from `from` on that lies in one of the parts tried least so far, not the one tried last, and within
 * the campaign's hours. `from` itself where no such instant is near.
 */
export function nextInOtherPart(
  parts: readonly DayPart[],
  tried: { readonly counts: Readonly<Record<string, number>>; readonly last: DayPart | null },
  at: { readonly from: number; readonly zone: string; readonly hours: CallingHours },
): number {
  const others = parts.length > 1 ? parts.filter((part) => part !== tried.last) : parts;
  const count = (part: DayPart) => tried.counts[partName(part)] ?? 0;
  const least = Math.min(...others.map(count));
  const wanted = others.filter((part) => count(part) === least);
  const first = localTime(at.from, at.zone);
  for (let day = 0; day < searchedDays; day++) {
    const date = first.plus({ days: day });
    const windows = at.hours[weekdays[date.weekday - 1]!];
    const times = wanted.flatMap((part) => windows.flatMap((window) => shared(part, window)));
    for (const [from, to] of times.sort(([a], [b]) => (a < b ? -1 : 1))) {
      const [opens, closes] = [instantOf(date, from), instantOf(date, to)];
      if (closes > at.from) return Math.max(opens, at.from);
    }
  }
  return at.from;
}

/** What two windows of a day have in common. */
function shared(a: HoursWindow, b: HoursWindow): HoursWindow[] {
  const from = a[0] > b[0] ? a[0] : b[0];
  const to = a[1] < b[1] ? a[1] : b[1];
  return from < to ? [[from, to]] : [];
}

function instantOf(date: DateTime, time: string): number {
  const [hour, minute] = time.split(':').map(Number) as [number, number];
  const day = date.startOf('day');
  return (hour === 24 ? day.plus({ days: 1 }) : day.set({ hour, minute })).toMillis();
}
