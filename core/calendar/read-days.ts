import { dayMs, formatDay, weekday, type DayNumber } from '../time/local-day.ts';
import type { DayEdit, DayKind } from './calendar.ts';
import { dayEdit } from './calendar-change.ts';

/** A line of a list of days that cannot be read. `error` is a key of the locales. */
export interface RefusedLine {
  readonly line: number;
  readonly text: string;
  readonly error: string;
}

export interface ReadDays {
  readonly days: readonly DayEdit[];
  readonly refused: readonly RefusedLine[];
}

const longestRange = 31;
const words: Record<Exclude<DayKind, never>, RegExp> = {
  'half-day': /half|半/i,
  workday: /work|make.?up|班/i,
  ordinary: /^(ordinary|normal|平日|取消|remove)$/i,
  holiday: /holiday|off|休|假|节|節/i,
};

/** What an event's title says of a day that is worked, and of one that is not. */
const workedOn = /班|make-?up|work(ing)? ?day/i;
const keptFree = /休|放假|holiday/i;

/**
 * Reads a list of days as people and authorities write them: lines of date or range, kind, name and hours of a half-day;
 * the table of Taiwan's personnel administration; an iCalendar file. A day that comes twice is as its last line has it.
 */
export function readDays(text: string): ReadDays {
  const days = new Map<string, DayEdit>();
  const refused: RefusedLine[] = [];
  const lines = unfolded(text);
  const read = /BEGIN:VCALENDAR/i.test(text)
    ? events(lines)
    : /是否放假/.test(lines[0] ?? '')
      ? officeTable(lines)
      : plainLines(lines);
  for (const { line, source, given } of read) {
    if (typeof given === 'string') {
      refused.push({ line, text: source.slice(0, 120), error: given });
      continue;
    }
    for (const one of given) {
      const parsed = dayEdit.safeParse(one);
      if (parsed.success) days.set(parsed.data.date, parsed.data);
      else refused.push({ line, text: source.slice(0, 120), error: parsed.error.issues[0]!.message });
    }
  }
  return { days: [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1)), refused };
}

interface ReadLine {
  readonly line: number;
  readonly source: string;
  readonly given: readonly DayEdit[] | string;
}

/** Lines; in an iCalendar file one that begins with a space goes on from the line before. */
function unfolded(text: string): string[] {
  const plain = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  return (/BEGIN:VCALENDAR/i.test(plain) ? plain.replace(/\n[ \t]/g, '') : plain).split('\n');
}

function* plainLines(lines: readonly string[]): Generator<ReadLine> {
  for (const [index, source] of lines.entries()) {
    if (source.trim() === '' || source.startsWith('#')) continue;
    const [dates = '', kindText = '', name = '', hours = ''] = source
      .split(/[,，\t;；]/)
      .map((part) => part.trim());
    const kind = kindOf(kindText);
    const open = /^(\d{1,2}:\d\d)\s*[-–—~]\s*(\d{1,2}:\d\d)$/.exec(hours);
    const given = datesIn(dates).map((date): DayEdit => ({
      ...{ date, kind: kind ?? 'holiday', name: name || kindText },
      ...(open && { open: [open[1]!.padStart(5, '0'), open[2]!.padStart(5, '0')] }),
    }));
    const error = given.length === 0 ? 'calendar:errors.date' : kind ? null : 'calendar:errors.kind';
    yield { line: index + 1, source, given: error ?? given };
  }
}

/** 西元日期, 星期, 是否放假 (2: yes), 備註. Weekends that are no more than that are left out. */
function* officeTable(lines: readonly string[]): Generator<ReadLine> {
  for (const [index, source] of lines.entries()) {
    if (index === 0 || source.trim() === '') continue;
    const [text = '', , off = '', remark = ''] = source
      .split(',')
      .map((part) => part.trim().replace(/^"|"$/g, ''));
    const [date] = datesIn(text);
    if (date === undefined) {
      yield { line: index + 1, source, given: 'calendar:errors.date' };
      continue;
    }
    const weekend = weekday(Date.parse(`${date}T00:00:00Z`) / dayMs) >= 5;
    const isOff = off === '2';
    if (isOff && (remark !== '' || !weekend))
      yield { line: index + 1, source, given: [{ date, kind: 'holiday', name: remark || '放假' }] };
    else if (!isOff && weekend)
      yield { line: index + 1, source, given: [{ date, kind: 'workday', name: remark || '補班' }] };
  }
}

function* events(lines: readonly string[]): Generator<ReadLine> {
  let event: { line: number; start?: string; end?: string; summary?: string } | null = null;
  for (const [index, source] of lines.entries()) {
    const [, key = '', value = ''] = /^([A-Z-]+)[^:]*:(.*)$/.exec(source) ?? [];
    if (key === 'BEGIN' && value.trim() === 'VEVENT') event = { line: index + 1 };
    else if (event && key === 'DTSTART') event.start = value.trim().slice(0, 8);
    else if (event && key === 'DTEND') event.end = value.trim().slice(0, 8);
    else if (event && key === 'SUMMARY') event.summary = value.trim().replace(/\\(.)/g, '$1');
    else if (event && key === 'END' && value.trim() === 'VEVENT') {
      const { line, start = '', summary = '' } = event;
      const [first] = datesIn(start);
      const [after] = datesIn(event.end ?? '');
      const last = after === undefined ? undefined : formatDay(dayOf(after) - 1);
      const dates =
        first === undefined ? [] : last !== undefined && last > first ? rangeOf(first, last) : [first];
      const kind = workedOn.test(summary) && !keptFree.test(summary) ? 'workday' : 'holiday';
      const given = dates.map((date): DayEdit => ({ date, kind, name: summary.slice(0, 80) || kind }));
      yield { line, source: summary || start, given: given.length === 0 ? 'calendar:errors.date' : given };
      event = null;
    }
  }
}

function kindOf(text: string): DayKind | null {
  for (const kind of ['half-day', 'ordinary', 'workday', 'holiday'] as const)
    if (words[kind].test(text)) return kind;
  return null;
}

/** `2027-02-05`, `2027/2/5`, `20270205`, and from one to another: `2027-02-05..2027-02-11`. */
function datesIn(text: string): string[] {
  const found = text
    .split(/\.\.|~|至|–| to /)
    .map((part) => /^\s*(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?\s*$/.exec(part))
    .map((match) => match && `${match[1]}-${match[2]!.padStart(2, '0')}-${match[3]!.padStart(2, '0')}`);
  if (found.length > 2 || found.some((date) => date === null)) return [];
  const [first, last = first] = found as string[];
  return first! > last! ? [] : rangeOf(first!, last!);
}

function rangeOf(first: string, last: string): string[] {
  if (first === last) return [first];
  const [from, until] = [dayOf(first), dayOf(last)];
  if (Number.isNaN(from) || Number.isNaN(until) || until - from >= longestRange) return [];
  return Array.from({ length: until - from + 1 }, (_, index) => formatDay(from + index));
}

function dayOf(date: string): DayNumber {
  return Date.parse(`${date}T00:00:00Z`) / dayMs;
}
