import type { PacingSettings } from '../types.ts';
import { lognormal, quantiles, shifted, type Distribution } from './random.ts';
import type { PlayedOutcome, Present } from './traffic.ts';

/** A length in seconds: its mean, and where lengths were measured their sorted quantiles, which give the shape. */
export interface Length {
  mean: number;
  quantiles?: readonly number[];
}

/** Leads that open and close together: the gate lets them be called in the same stretches of the day. */
export interface Segment {
  /** Seconds since the start, in order, `to` excluded. */
  openings: readonly (readonly [from: number, to: number])[];
  /** What their clocks show at the start: minutes since midnight. */
  localMinutes: number;
  /** Leads that may be dialled as soon as the segment is open, by calls made to them before: [never called, once, …]. */
  due: readonly number[];
  /** Leads that fall due later. */
  later: readonly { at: number; attempts: number; count: number }[];
}

export type RetryRuleOf = Readonly<Record<PlayedOutcome, { attempts: number; delaySeconds: number }>>;

export interface LeadList {
  segments: readonly Segment[];
  maxAttempts: number;
  retries: RetryRuleOf;
}

/** How likely a person answers: a base, and factors by the customer's hour and by calls made before. */
export interface AnswerModel {
  base: number;
  /** 24 factors, by hour of the customer's day. */
  byHour: readonly number[];
  /** By calls made before; the last one holds for all after it. */
  byAttempt: readonly number[];
}

export interface FailShares {
  machine: number;
  busy: number;
  congestion: number;
  unallocated: number;
}

/** One day, or the rest of one, as it will be played. Plain data, so that it can be handed to a worker thread. */
export interface Scenario {
  settings: PacingSettings;
  /** Epoch milliseconds. */
  start: number;
  seconds: number;
  /** When dialling ends that day, epoch ms, as the pacer is told; it may be later than the play. */
  closesAt: number;
  /** What the campaign's clock shows at the start: minutes since midnight; for leads without a segment. */
  localMinutes: number;
  /** Agents planned; the first entry is at 0. */
  staffing: readonly { at: number; agents: number }[];
  answer: AnswerModel;
  shares: FailShares;
  lengths: {
    /** Until a person answers, a machine answers, a line is given up, a call fails. */
    answer: Length;
    machine: Length;
    silence: Length;
    failure: Length;
    talk: Length;
    wrapup: Length;
  };
  /** Null: there are always leads. */
  list: LeadList | null;
  /** Lines there are, and calls that may be launched in a second; null: as many as wanted. */
  lines: number | null;
  callsPerSecond: number | null;
  /** Null: the floor is empty at the start. */
  present: Present | null;
  /** Live answers and abandoned calls in the window so far. */
  account: { answers: number; abandoned: number };
}

export const evenHours: readonly number[] = Array.from({ length: 24 }, () => 1);

/** Answer probability of one call; a share of calls must remain for machines and failures. */
export function answerChance(
  model: AnswerModel,
  minutes: number,
  attempts: number,
  shares: FailShares,
): number {
  const hour = Math.floor((((minutes % 1440) + 1440) % 1440) / 60);
  const byAttempt = model.byAttempt[Math.min(attempts, model.byAttempt.length - 1)] ?? 1;
  const others = shares.machine + shares.busy + shares.congestion + shares.unallocated;
  return Math.min(Math.max(0, 0.995 - others), model.base * (model.byHour[hour] ?? 1) * byAttempt);
}

/** Talk lengths of customers differ much, wrap-up and rings less; measured ones keep their own shape. */
const shapes = {
  talk: (mean: number): Distribution => lognormal(mean, 0.9),
  wrapup: (mean: number): Distribution => shifted(mean / 2, mean),
  answer: (mean: number): Distribution => shifted(Math.min(3, mean / 2), mean),
  machine: (mean: number): Distribution => shifted(Math.min(5, mean / 2), mean),
  silence:
    (mean: number): Distribution =>
    (u) =>
      mean * (0.9 + 0.2 * u),
  failure:
    (mean: number): Distribution =>
    (u) =>
      mean * (0.4 + 1.2 * u),
};

export function distributionOf(
  kind: keyof typeof shapes,
  { mean, quantiles: measured }: Length,
): Distribution {
  const positive = Math.max(0.05, mean);
  return measured && measured.length > 1 ? quantiles(measured, positive) : shapes[kind](positive);
}
