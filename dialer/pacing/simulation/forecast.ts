import { createPacer } from '../pacer.ts';
import type { PacingMode } from '../types.ts';
import { runDay, type DayResult, type Traffic } from './day.ts';
import { between, lognormal, shifted } from './random.ts';

/** What is known or guessed of a campaign before it starts. Shares are of all calls. */
export interface ForecastInput {
  agents: number;
  mode: PacingMode;
  powerRatio?: number;
  hours: number;
  answerProbability: number;
  machineShare?: number;
  /** Dead numbers, busy, congestion: over within a second or two. */
  failShare?: number;
  talkSeconds: number;
  wrapupSeconds: number;
  /** Mean ring until an answer, and until a line is given up. */
  ringSeconds?: number;
  ringTimeoutSeconds?: number;
  abandonCap?: number;
  abandonWindowMs?: number;
  answerGraceMs?: number;
  maxLinesPerAgent?: number;
  lines?: number;
  /** Calls the list still has in it: leads times attempts. */
  callsInList?: number;
  /** Days to play; each with its own luck. */
  runs?: number;
  seed?: number;
}

/** The middle of many days, and what nine in ten of them lie between. */
export interface Band {
  low: number;
  middle: number;
  high: number;
}

export interface Forecast {
  agents: number;
  runs: number;
  utilization: Band;
  abandonShare: Band;
  calls: Band;
  answers: Band;
  /** Mean seconds that an agent waits for a call. */
  waitSeconds: Band;
  /** Days until the list is called through; null without a list. */
  listDays: Band | null;
}

const DAY_MS = 86_400_000;
const CALM_RUNS = 12;

/** Plays days of the campaign through the very engine that will dial it. Same input, same figures. */
export function forecast(input: ForecastInput): Forecast {
  const runs = Math.max(1, input.runs ?? CALM_RUNS);
  const traffic = trafficOf(input);
  const days: DayResult[] = [];
  for (let run = 0; run < runs; run++) {
    const pacer = createPacer({
      mode: input.mode,
      abandonCap: input.abandonCap ?? 0.03,
      abandonWindowMs: input.abandonWindowMs ?? DAY_MS,
      answerGraceMs: input.answerGraceMs ?? 2_000,
      ringTimeoutMs: 1000 * (input.ringTimeoutSeconds ?? 25),
      maxLinesPerAgent: input.maxLinesPerAgent ?? 10,
      powerRatio: input.powerRatio,
    });
    days.push(runDay(traffic, pacer, { seed: (input.seed ?? 1) + run, tickMs: 1000 }));
  }
  const of = (figure: (day: DayResult) => number): Band => band(days.map(figure));
  const calls = of((day) => day.dialed);
  return {
    agents: input.agents,
    runs,
    utilization: of((day) => (day.signedIn > 0 ? day.busy / day.signedIn : 0)),
    abandonShare: of((day) => (day.answers > 0 ? day.abandoned / day.answers : 0)),
    calls,
    answers: of((day) => day.answers),
    waitSeconds: of((day) => day.idleSeconds / Math.max(1, day.answers - day.abandoned)),
    listDays:
      input.callsInList === undefined ? null : of((day) => input.callsInList! / Math.max(1, day.dialed)),
  };
}

/** The same campaign with other head counts, for the question how many agents to put on it. */
export function staffingChoices(input: ForecastInput, heads: readonly number[]): Forecast[] {
  return heads.map((agents) => forecast({ ...input, agents }));
}

function trafficOf(input: ForecastInput): Traffic {
  const ring = input.ringSeconds ?? 11;
  const timeout = Math.max(ring, input.ringTimeoutSeconds ?? 25);
  const talk = lognormal(input.talkSeconds, 0.9);
  return {
    seconds: input.hours * 3600,
    staffing: [{ at: 0, agents: input.agents }],
    answerProbability: () => input.answerProbability,
    machineShare: input.machineShare ?? 0,
    failShare: input.failShare ?? 0,
    ringToAnswer: shifted(Math.min(3, ring / 2), ring),
    ringToNothing: between(0.8 * timeout, timeout),
    ringToMachine: shifted(Math.min(5, ring / 2), ring + 3),
    ringToFailure: between(0.3, 1.5),
    talk: () => talk,
    wrapup: input.wrapupSeconds > 0 ? shifted(input.wrapupSeconds / 2, input.wrapupSeconds) : undefined,
    graceMs: input.answerGraceMs ?? 2_000,
    lines: input.lines,
  };
}

function band(figures: number[]): Band {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = (level: number): number => sorted[Math.round(level * (sorted.length - 1))]!;
  return { low: at(0.05), middle: at(0.5), high: at(0.95) };
}
