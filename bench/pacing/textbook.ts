import { createPacer } from '../../dialer/pacing/index.ts';
import { engineSettings } from './contest.ts';
import { CAP, DAY, playDays, scoreOf, type PlayedDay, type Score } from './days.ts';
import { Oracle, progressiveUtilization, type Optimum, type Textbook } from './optimum.ts';
import { runDay } from '../../dialer/pacing/simulation/day.ts';
import { stationary } from './traffic.ts';

/** The table that others published for this process, to check the solver by: [agents, handle, p, cap, utilization]. */
export const published: readonly (readonly [number, number, number, number, number])[] = [
  [1, 180, 0.1, 0.03, 0.642],
  [5, 180, 0.1, 0.03, 0.78],
  [10, 180, 0.1, 0.03, 0.843],
  [20, 180, 0.1, 0.03, 0.893],
  [50, 180, 0.1, 0.03, 0.939],
  [100, 180, 0.1, 0.03, 0.961],
  [1, 180, 0.25, 0.03, 0.801],
  [5, 180, 0.25, 0.03, 0.841],
  [10, 180, 0.25, 0.03, 0.869],
  [20, 180, 0.25, 0.03, 0.904],
  [50, 180, 0.25, 0.03, 0.942],
  [100, 180, 0.25, 0.03, 0.963],
  [5, 180, 0.5, 0.03, 0.895],
  [20, 180, 0.5, 0.03, 0.92],
  [100, 180, 0.5, 0.03, 0.965],
  [20, 180, 1, 0.03, 0.945],
  [5, 60, 0.25, 0.03, 0.707],
  [20, 60, 0.25, 0.03, 0.855],
  [100, 60, 0.25, 0.03, 0.948],
  [10, 180, 0.25, 0.01, 0.842],
  [10, 180, 0.25, 0.05, 0.884],
  [20, 180, 0.25, 0.01, 0.88],
  [20, 180, 0.25, 0.05, 0.916],
  [100, 180, 0.25, 0.01, 0.952],
  [100, 180, 0.25, 0.05, 0.968],
];

export const book = (agents: number, handle: number, p: number, cap = CAP): Textbook => ({
  agents,
  handle,
  ring: 12,
  answerProbability: p,
  cap,
});

export interface Case {
  agents: number;
  handle: number;
  p: number;
}

export const caseName = ({ agents, handle, p }: Case): string => `${agents} agents, ${handle} s, p ${p}`;

export const callsADay = ({ agents, handle, p }: Case): number => (agents * 0.9 * 28_800) / handle / p;

/** Between decisions while nothing happens: on the textbook floor nothing changes then. */
const TICK_MS = 5_000;

/**
 * Days of a textbook case. The optimal policy is played on the very same calls, and its known expectation takes the luck of
 * the days out of the figure (a control variate).
 */
export function playCase(
  one: Case,
  optimum: Optimum,
  windowDays: number,
  first: number,
  count: number,
): PlayedDay[] {
  const traffic = stationary(one.agents, one.handle, one.p);
  const settings = engineSettings({ answerGraceMs: 0, abandonWindowMs: windowDays * DAY });
  return playDays(traffic, () => createPacer(settings), {
    first,
    count,
    oneWindow: windowDays > 1,
    tickMs: TICK_MS,
    against: (seed) => {
      const run = runDay(traffic, new Oracle(optimum.order), { seed, tickMs: 60_000 });
      return (run.busy - optimum.price * (run.abandoned - CAP * run.answers)) / run.signedIn;
    },
  });
}

export interface Prize extends Case {
  windowDays: number;
  optimum: number;
  progressive: number;
  /** Share of (optimum − progressive) that the engine won, and its standard error. */
  prize: number;
  error: number;
  score: Score;
}

/** How much of the prize the engine won on these days. */
export function prizeOf(one: Case, optimum: Optimum, windowDays: number, days: readonly PlayedDay[]): Prize {
  const gaps = days.map(({ gap }) => gap ?? Number.NaN);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / Math.max(1, gaps.length - 1);
  const progressive = progressiveUtilization(book(one.agents, one.handle, one.p));
  const prize = optimum.utilization - progressive;
  return {
    ...one,
    windowDays,
    optimum: optimum.utilization,
    progressive,
    prize: 1 + mean / prize,
    error: Math.sqrt(variance / gaps.length) / prize,
    score: scoreOf(days, windowDays),
  };
}
