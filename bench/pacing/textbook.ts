import { createPacer } from '../../dialer/pacing/index.ts';
import { CAP, engineSettings, play, type Score } from './contest.ts';
import { Oracle, progressiveUtilization, solveOptimum, type Optimum, type Textbook } from './optimum.ts';
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

export interface Prize {
  agents: number;
  handle: number;
  p: number;
  days: number;
  optimum: number;
  progressive: number;
  /** Share of (optimum − progressive) that the engine won, and its standard error. */
  prize: number;
  error: number;
  score: Score;
  windowsOver: number;
  windows: number;
}

/**
 * How much of the prize the engine wins. The optimal policy is played on the very same calls, and its known expectation
 * takes the luck of the days out of the figure (a control variate).
 */
export function prizeOf(agents: number, handle: number, p: number, days: number, windowDays: number): Prize {
  const textbook = book(agents, handle, p);
  const optimum: Optimum = solveOptimum(textbook);
  const traffic = stationary(agents, handle, p);
  const settings = engineSettings({ answerGraceMs: 0, abandonWindowMs: windowDays * 86_400_000 });
  const score = play(traffic, () => createPacer(settings), days, { windowDays });
  const gaps = score.perDay.map((utilization, day) => {
    const run = runDay(traffic, new Oracle(optimum.order), { seed: 1 + day, tickMs: 60_000 });
    const priced = run.busy - optimum.price * (run.abandoned - CAP * run.answers);
    return utilization - priced / run.signedIn;
  });
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / days;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / Math.max(1, days - 1);
  const progressive = progressiveUtilization(textbook);
  const prize = optimum.utilization - progressive;
  return {
    agents,
    handle,
    p,
    days,
    optimum: optimum.utilization,
    progressive,
    prize: 1 + mean / prize,
    error: Math.sqrt(variance / days) / prize,
    score,
    windowsOver: score.windowsOver,
    windows: score.windows,
  };
}
