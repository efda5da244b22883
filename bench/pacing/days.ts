import type { Pacer } from '../../dialer/pacing/index.ts';
import { runDay, type Traffic } from '../../dialer/pacing/simulation/day.ts';

export const CAP = 0.03;
export const DAY = 86_400_000;

/** What is kept of a played day; seconds are agents' seconds. */
export interface PlayedDay {
  busy: number;
  signedIn: number;
  answers: number;
  abandoned: number;
  /** Over the cap at some moment after the hundredth answer of the day. */
  everOver: boolean;
  /** Share of time busy beyond what the optimal policy made of the same calls, its luck taken off. */
  gap?: number;
}

export interface PlayOf {
  /** Number of the first day, from 0, and how many. A day's calls depend on its number only. */
  first: number;
  count: number;
  /** One pacer for all these days; otherwise each day begins without history. */
  oneWindow?: boolean;
  tickMs?: number;
  /** Share of time busy that the day of this seed is held against. */
  against?(seed: number): number;
}

/** Plays days one after the other. */
export function playDays(traffic: Traffic, make: () => Pacer, of: PlayOf): PlayedDay[] {
  const played: PlayedDay[] = [];
  let pacer = make();
  for (let day = of.first; day < of.first + of.count; day++) {
    if (day > of.first && !of.oneWindow) pacer = make();
    const seed = 1 + day;
    const { busy, signedIn, answers, abandoned, worstExcess } = runDay(traffic, pacer, {
      seed,
      start: Date.UTC(2026, 0, 5, 9) + day * DAY,
      tickMs: of.tickMs ?? 1000,
      cap: CAP,
    });
    const everOver = worstExcess > 1e-9;
    const gap = of.against && busy / signedIn - of.against(seed);
    played.push({ busy, signedIn, answers, abandoned, everOver, ...(gap !== undefined && { gap }) });
  }
  return played;
}

export interface Score {
  days: number;
  utilization: number;
  /** Standard error over days. */
  error: number;
  abandonShare: number;
  /** Days with at least a hundred answers that ended over the cap, and those that were over at any moment after. */
  daysOver: number;
  daysEverOver: number;
  windows: number;
  windowsOver: number;
}

const isOver = (answers: number, abandoned: number): boolean => answers >= 100 && abandoned > CAP * answers;

export function scoreOf(days: readonly PlayedDay[], windowDays = 1): Score {
  const sum = (of: (day: PlayedDay) => number): number => days.reduce((total, day) => total + of(day), 0);
  const utilization =
    sum(({ busy }) => busy) /
    Math.max(
      1,
      sum(({ signedIn }) => signedIn),
    );
  const variance =
    sum(({ busy, signedIn }) => (busy / signedIn - utilization) ** 2) / Math.max(1, days.length);
  const abandonedIn = (some: readonly PlayedDay[]): [number, number] => [
    some.reduce((total, { answers }) => total + answers, 0),
    some.reduce((total, { abandoned }) => total + abandoned, 0),
  ];
  const [answers, abandoned] = abandonedIn(days);
  const windows = Array.from({ length: Math.floor(days.length / windowDays) }, (_, index) =>
    days.slice(index * windowDays, (index + 1) * windowDays),
  );
  return {
    days: days.length,
    utilization,
    error: Math.sqrt(variance / Math.max(1, days.length)),
    abandonShare: abandoned / Math.max(1, answers),
    daysOver: days.filter((day) => isOver(day.answers, day.abandoned)).length,
    daysEverOver: days.filter(({ everOver }) => everOver).length,
    windows: windows.length,
    windowsOver: windows.filter((window) => isOver(...abandonedIn(window))).length,
  };
}
