export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** `['09:00', '20:00']`: from the first minute up to, not including, the second; the end may be 24:00. */
export type HoursWindow = readonly [from: string, to: string];

/** When customers may be called, in their own time. A day without windows is closed. */
export type CallingHours = Readonly<Record<Weekday, readonly HoursWindow[]>>;

const workday: readonly HoursWindow[] = [['09:00', '20:00']];

export const defaultHours: CallingHours = {
  mon: workday,
  tue: workday,
  wed: workday,
  thu: workday,
  fri: workday,
  sat: [['10:00', '18:00']],
  sun: [],
};

export function isNeverOpen(hours: CallingHours): boolean {
  return weekdays.every((name) => hours[name].length === 0);
}

export interface HoursGroup {
  readonly days: readonly Weekday[];
  readonly windows: readonly HoursWindow[];
}

/** Neighbouring days with the same windows together, closed days left out: for a summary in a sentence. */
export function groupHours(hours: CallingHours): HoursGroup[] {
  const groups: { days: Weekday[]; windows: readonly HoursWindow[]; key: string }[] = [];
  let previousKey = '';
  for (const name of weekdays) {
    const windows = hours[name];
    const key = windows.map((window) => window.join('-')).join(',');
    const last = groups.at(-1);
    if (windows.length > 0) {
      if (last && last.key === key && previousKey === key) last.days.push(name);
      else groups.push({ days: [name], windows, key });
    }
    previousKey = key;
  }
  return groups;
}
