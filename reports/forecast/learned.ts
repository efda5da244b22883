import { evenHours, type AnswerModel, type FailShares, type Length } from '../../dialer/pacing/index.ts';

/** One dialled call of the past. Times are epoch ms. */
export interface PastCall {
  /** Hour of the customer's day when it was dialled. */
  hour: number;
  /** 1 for the first call to that lead. */
  attempt: number;
  outcome: string;
  dialedAt: number;
  answeredAt: number | null;
  connectedAt: number | null;
  endedAt: number | null;
  wrappedUpAt: number | null;
}

/** `campaign`: its own calls; `others`: those of other campaigns; `typical`: there are none to learn from. */
export type LearnedFrom = 'campaign' | 'others' | 'typical';

export interface Learned {
  from: LearnedFrom;
  calls: number;
  answer: AnswerModel;
  shares: FailShares;
  lengths: Record<'answer' | 'machine' | 'silence' | 'failure' | 'talk' | 'wrapup', Length>;
}

/** Fewer calls than this say too little. */
export const enoughCalls = 200;
/** Calls by which a factor of an hour or an attempt is drawn to 1. */
const doubt = 100;
const attemptsKnown = 6;
const quantilesKept = 21;
const fewestLengths = 30;

/** What most campaigns come near, where nothing has been measured. */
export const typical = (ringTimeoutMs: number): Learned => ({
  from: 'typical',
  calls: 0,
  answer: { base: 0.25, byHour: evenHours, byAttempt: [1] },
  shares: { machine: 0.1, busy: 0.03, congestion: 0.01, unallocated: 0.02 },
  lengths: {
    answer: { mean: 11 },
    machine: { mean: 14 },
    silence: { mean: ringTimeoutMs / 1000 },
    failure: { mean: 1 },
    talk: { mean: 150 },
    wrapup: { mean: 20 },
  },
});

const live = new Set(['answered', 'abandoned', 'hung-up']);
const failures: Record<string, keyof Omit<FailShares, 'machine'>> = {
  busy: 'busy',
  congestion: 'congestion',
  failed: 'congestion',
  unallocated: 'unallocated',
};

/** What past calls teach: answer probability by hour and attempt, how the others end, and how long everything takes. */
export function learn(calls: readonly PastCall[], from: LearnedFrom, ringTimeoutMs: number): Learned {
  const usual = typical(ringTimeoutMs);
  const known = calls.filter(({ outcome }) => outcome !== 'cancelled');
  if (known.length < enoughCalls) return usual;
  const answers = known.filter(({ outcome }) => live.has(outcome)).length;
  const base = answers / known.length;
  const byHour = new Tally(24);
  const byAttempt = new Tally(attemptsKnown);
  const shares: FailShares = { machine: 0, busy: 0, congestion: 0, unallocated: 0 };
  const lengths = new Map<keyof Learned['lengths'], number[]>();
  const length = (kind: keyof Learned['lengths'], ms: number | null): void => {
    if (ms === null || ms < 0 || ms > 4 * 3_600_000) return;
    lengths.set(kind, [...(lengths.get(kind) ?? []), ms / 1000]);
  };
  for (const call of known) {
    const answered = live.has(call.outcome);
    byHour.count(call.hour, answered);
    byAttempt.count(Math.min(attemptsKnown, call.attempt) - 1, answered);
    const rang = call.answeredAt === null ? null : call.answeredAt - call.dialedAt;
    const whole = call.endedAt === null ? null : call.endedAt - call.dialedAt;
    if (answered) length('answer', rang);
    else if (call.outcome === 'machine') {
      shares.machine += 1 / known.length;
      length('machine', rang ?? whole);
    } else if (failures[call.outcome]) {
      shares[failures[call.outcome]!] += 1 / known.length;
      length('failure', whole);
    } else length('silence', whole);
    if (call.connectedAt !== null && call.endedAt !== null) {
      length('talk', call.endedAt - call.connectedAt);
      if (call.wrappedUpAt !== null) length('wrapup', call.wrappedUpAt - call.endedAt);
    }
  }
  return {
    from,
    calls: known.length,
    answer: { base, byHour: byHour.factors(base), byAttempt: byAttempt.factors(base) },
    shares,
    lengths: Object.fromEntries(
      Object.entries(usual.lengths).map(([kind, standard]) => [
        kind,
        measured(lengths.get(kind as keyof Learned['lengths']) ?? []) ?? standard,
      ]),
    ) as Learned['lengths'],
  };
}

/** Answers of all calls by some class, as factors of the mean. */
class Tally {
  readonly #calls: number[];
  readonly #answers: number[];

  constructor(classes: number) {
    this.#calls = Array.from({ length: classes }, () => 0);
    this.#answers = [...this.#calls];
  }

  count(index: number, answered: boolean): void {
    this.#calls[index]! += 1;
    if (answered) this.#answers[index]! += 1;
  }

  factors(base: number): number[] {
    if (base <= 0) return this.#calls.map(() => 1);
    return this.#calls.map(
      (calls, index) => (this.#answers[index]! + doubt * base) / ((calls + doubt) * base),
    );
  }
}

function measured(seconds: readonly number[]): Length | null {
  if (seconds.length < fewestLengths) return null;
  const sorted = [...seconds].sort((a, b) => a - b);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  if (mean <= 0) return null;
  const quantiles = Array.from({ length: quantilesKept }, (_, k) => {
    const place = (k / (quantilesKept - 1)) * (sorted.length - 1);
    const below = Math.floor(place);
    return sorted[below]! + (place - below) * ((sorted[below + 1] ?? sorted[below]!) - sorted[below]!);
  });
  return { mean, quantiles };
}
