import { createHash } from 'node:crypto';
import { dayMs, formatDay, parseDay, weekday, type DayNumber } from '../time/local-day.ts';
import { dayOfRule, type DayRule, type Shift } from './day-rule.ts';
import type { CalendarDefinition } from './calendar-definition.ts';
import { shippedCalendars } from './shipped-calendars.ts';

export const dayKinds = ['holiday', 'workday', 'half-day', 'ordinary'] as const;
export type DayKind = (typeof dayKinds)[number];

/** A day that is not what its weekday says. */
export interface SpecialDay {
  readonly day: DayNumber;
  /** `workday`: worked as a Monday, whatever its weekday. */
  readonly kind: Exclude<DayKind, 'ordinary'>;
  /** A key of the locales (`calendar:days.<name>`), or as somebody wrote it. */
  readonly name: string;
  /** Hours of a half-day, `HH:MM`; outside of them nobody is there. */
  readonly open?: readonly [string, string];
  readonly source: 'rule' | 'published' | 'edited';
}

/** What somebody has decided about a day. `ordinary` takes away what the calendar has there. */
export interface DayEdit {
  readonly date: string;
  readonly kind: DayKind;
  readonly name: string;
  readonly open?: readonly [string, string];
}

/** A calendar that the firm has made for itself. */
export interface OwnCalendar {
  readonly name: string;
  readonly title: string;
  readonly parent: string | null;
}

export interface Calendar {
  readonly name: string;
  /** How the firm calls it; null for a shipped one. */
  readonly title: string | null;
  readonly parent: string | null;
  /** Same text, same days. */
  readonly version: string;
  /** Undefined for a day that is what its weekday says. */
  on(day: DayNumber): SpecialDay | undefined;
  /** In their order. */
  daysOf(year: number): readonly SpecialDay[];
  /** False: the authority has not published the year yet; what is known is the least that law promises. */
  isSettled(year: number): boolean;
}

export interface CalendarBook {
  readonly names: readonly string[];
  get(name: string): Calendar | undefined;
}

/** Calendars as shipped, with what has been decided since, in the order it was decided in. */
export function createCalendarBook(
  own: readonly OwnCalendar[] = [],
  edits: readonly { readonly calendar: string; readonly days: readonly DayEdit[] }[] = [],
): CalendarBook {
  const made = new Map<string, Calendar>();
  const definitions = new Map<string, CalendarDefinition & { title?: string }>(shippedCalendars);
  for (const { name, title, parent } of own)
    definitions.set(name, { name, title, rules: [], ...(parent === null ? {} : { parent }) });
  const decided = new Map<string, Map<DayNumber, DayEdit>>();
  for (const { calendar, days } of edits) {
    const mine = decided.get(calendar) ?? new Map<DayNumber, DayEdit>();
    decided.set(calendar, mine);
    for (const edit of days) mine.set(parseDay(edit.date), edit);
  }

  function get(name: string): Calendar | undefined {
    const known = made.get(name);
    const definition = definitions.get(name);
    if (known || !definition) return known;
    const parent = definition.parent === undefined ? undefined : get(definition.parent);
    const calendar = createCalendar(definition, parent, decided.get(name) ?? new Map<DayNumber, DayEdit>());
    made.set(name, calendar);
    return calendar;
  }
  return { names: [...definitions.keys()].sort(), get };
}

/** Half a thousand days are made at once: enough for a look ahead, little enough for the moment of dialling. */
const chunkBits = 9;

function createCalendar(
  definition: CalendarDefinition & { title?: string },
  parent: Calendar | undefined,
  edits: ReadonlyMap<DayNumber, DayEdit>,
): Calendar {
  const years = new Map<number, readonly SpecialDay[]>();
  const chunks = new Map<number, ReadonlyMap<DayNumber, SpecialDay>>();
  const extra = (definition.extra ?? []).map((one): SpecialDay => ({
    ...{ day: parseDay(one.date), kind: one.kind, name: one.name, source: 'published' },
  }));

  function daysOf(year: number): readonly SpecialDay[] {
    let days = years.get(year);
    if (!days) years.set(year, (days = madeFor(year)));
    return days;
  }

  function madeFor(year: number): SpecialDay[] {
    const days = new Map<DayNumber, SpecialDay>();
    const inherited = parent?.daysOf(year) ?? [];
    for (const day of inherited) days.set(day.day, day);
    for (const day of ownDays(year, inherited)) days.set(day.day, day);
    for (const day of extra) if (yearOf(day.day) === year) days.set(day.day, day);
    for (const [day, { kind, name, open }] of edits) {
      if (yearOf(day) !== year) continue;
      if (kind === 'ordinary') days.delete(day);
      else days.set(day, { day, kind, name, source: 'edited', ...(open && { open }) });
    }
    return [...days.values()].sort((a, b) => a.day - b.day);
  }

  function ownDays(year: number, inherited: readonly SpecialDay[]): SpecialDay[] {
    const published = definition.published?.get(year);
    if (published)
      return published.map((one) => ({
        ...{ day: parseDay(one.date), kind: one.kind, name: one.name, source: 'published' as const },
      }));
    // New year's day may be kept in the year before it.
    const around = [year - 1, year, year + 1];
    const taken = inherited.filter(({ kind }) => kind === 'holiday').map(({ day }) => day);
    const days = around.flatMap((one) => daysByRule(definition, one, taken));
    return days.filter(({ day }) => yearOf(day) === year);
  }

  return {
    name: definition.name,
    title: definition.title ?? null,
    parent: definition.parent ?? null,
    version: versionOf(definition, parent, edits),
    on(day) {
      const key = day >> chunkBits;
      let chunk = chunks.get(key);
      if (!chunk) {
        const [first, last] = [key << chunkBits, (key + 1) << chunkBits];
        const found = new Map<DayNumber, SpecialDay>();
        for (let year = yearOf(first); year <= yearOf(last); year += 1)
          for (const special of daysOf(year)) found.set(special.day, special);
        chunks.set(key, (chunk = found));
      }
      return chunk.get(day);
    },
    daysOf,
    isSettled: (year) =>
      !definition.announced || definition.published?.has(year) === true || hasEdits(edits, year)
        ? (parent?.isSettled(year) ?? true)
        : false,
  };
}

function hasEdits(edits: ReadonlyMap<DayNumber, DayEdit>, year: number): boolean {
  for (const day of edits.keys()) if (yearOf(day) === year) return true;
  return false;
}

/** Days of one year's rules, and those they are moved to. */
function daysByRule(
  { rules, bridges }: CalendarDefinition,
  year: number,
  taken: readonly DayNumber[],
): SpecialDay[] {
  const days = new Map<DayNumber, SpecialDay>();
  const add = (rule: DayRule, day: DayNumber, name = rule.name): void => {
    const { open } = rule;
    days.set(day, { day, kind: open ? 'half-day' : 'holiday', name, source: 'rule', ...(open && { open }) });
  };
  const isTaken = (day: DayNumber): boolean => taken.includes(day) || days.get(day)?.kind === 'holiday';
  const moved: [DayRule, DayNumber, Shift][] = [];
  const crowded: [DayRule, DayNumber][] = [];
  const inOrder = rules
    .map((rule) => [rule, dayOfRule(rule, year)] as const)
    .filter((pair): pair is [DayRule, DayNumber] => pair[1] !== null)
    .sort((a, b) => Number(a[0].apart ?? false) - Number(b[0].apart ?? false) || a[1] - b[1]);
  for (const [rule, day] of inOrder) {
    if (rule.apart && isTaken(day)) crowded.push([rule, day]);
    // Two holidays on one day are two days off where the second is to be kept at all.
    else if (rule.shift && rule.shift !== 'tw' && isTaken(day)) moved.push([rule, day, rule.shift]);
    else add(rule, day);
    if (rule.shift && needsShift(rule.shift, day) && !moved.some(([other]) => other === rule))
      moved.push([rule, day, rule.shift]);
  }
  for (const [rule, day] of crowded) add(rule, freeFrom(weekday(day) === 3 ? day + 1 : day - 1, weekday(day) === 3 ? 1 : -1, isTaken, isWeekend)); // prettier-ignore
  for (const [rule, day, shift] of moved) add(rule, shiftedDay(shift, day, isTaken));
  if (bridges)
    for (const { day } of [...days.values()])
      if (days.has(day + 2) && !days.has(day + 1) && weekday(day + 1) !== 6)
        days.set(day + 1, { day: day + 1, kind: 'holiday', name: 'bridge', source: 'rule' });
  return [...days.values()];
}

const isWeekend = (day: DayNumber): boolean => weekday(day) >= 5;
const isSunday = (day: DayNumber): boolean => weekday(day) === 6;

function needsShift(shift: Shift, day: DayNumber): boolean {
  return shift === 'sunday' ? isSunday(day) : isWeekend(day);
}

function shiftedDay(shift: Shift, day: DayNumber, isTaken: (day: DayNumber) => boolean): DayNumber {
  const saturday = weekday(day) === 5;
  if (shift === 'us') return saturday ? day - 1 : day + 1;
  if (shift === 'tw' && saturday) return freeFrom(day - 1, -1, isTaken, isWeekend);
  return freeFrom(day + 1, 1, isTaken, shift === 'sunday' ? isSunday : isWeekend);
}

function freeFrom(
  day: DayNumber,
  step: 1 | -1,
  ...closed: readonly ((day: DayNumber) => boolean)[]
): DayNumber {
  let found = day;
  while (closed.some((isClosed) => isClosed(found))) found += step;
  return found;
}

function yearOf(day: DayNumber): number {
  return new Date(day * dayMs).getUTCFullYear();
}

function versionOf(
  definition: CalendarDefinition,
  parent: Calendar | undefined,
  edits: ReadonlyMap<DayNumber, DayEdit>,
): string {
  const { rules, bridges, extra, published } = definition;
  const text = JSON.stringify([
    parent?.version ?? null,
    ...[rules, bridges ?? false, extra ?? [], [...(published ?? [])]],
    [...edits].sort(([a], [b]) => a - b).map(([day, { kind, open }]) => [formatDay(day), kind, open ?? null]),
  ]);
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}
