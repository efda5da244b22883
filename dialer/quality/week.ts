import { localTime } from '../../core/time/local-time.ts';

/** Monday of the week that an instant lies in, by the clocks of a zone: `2026-11-30`. */
export function weekOf(at: number, zone: string): string {
  return localTime(at, zone).startOf('week').toISODate() ?? '';
}

/** The last week that is over: what is drawn from it is drawn from all of it. */
export function weekBefore(at: number, zone: string): { week: string; from: number; to: number } {
  const to = localTime(at, zone).startOf('week');
  const from = to.minus({ weeks: 1 });
  return { week: from.toISODate() ?? '', from: from.toMillis(), to: to.toMillis() };
}
