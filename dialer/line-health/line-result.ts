/** What calls over one trunk, or with one number shown, came to. */
export interface LineResult {
  readonly calls: number;
  readonly answered: number;
  /** Answered, and the customer was gone within `shortMs`. */
  readonly short: number;
  /** Of which it is known when they began to ring. */
  readonly rung: number;
  /** Of those: after more than `lateMs`. */
  readonly late: number;
  /** Calls that nobody answered, by the words for why. */
  readonly causes: Readonly<Record<string, number>>;
  /** Calls by the time until they rang, in steps of `delayStepMs`. */
  readonly delays: Readonly<Record<string, number>>;
}

/** Of one campaign, and of the span of time that begins at `at`. */
export interface SpanResult extends LineResult {
  readonly subject: string;
  readonly campaignId: number;
  readonly at: number;
}

/** One call on one trunk, once it is known what came of it. */
export type LineOutcome =
  | { readonly type: 'answered'; readonly ringMs: number | null }
  | { readonly type: 'unanswered'; readonly words: string; readonly ringMs: number | null }
  /** Of a call that was told as answered. */
  | { readonly type: 'short' };

export const shortMs = 6_000;
export const lateMs = 8_000;
export const delayStepMs = 250;
/** Longer is no delay of the network's: it is counted as so much. */
const longestDelayMs = 30_000;

export const noCalls: LineResult = {
  ...{ calls: 0, answered: 0, short: 0, rung: 0, late: 0 },
  causes: {},
  delays: {},
};

export function withOutcome(result: LineResult, outcome: LineOutcome): LineResult {
  if (outcome.type === 'short') return { ...result, short: result.short + 1 };
  const { ringMs } = outcome;
  const rang =
    ringMs === null
      ? {}
      : {
          rung: result.rung + 1,
          late: result.late + (ringMs > lateMs ? 1 : 0),
          delays: added(result.delays, String(stepOf(ringMs)), 1),
        };
  return {
    ...result,
    calls: result.calls + 1,
    ...rang,
    ...(outcome.type === 'answered'
      ? { answered: result.answered + 1 }
      : { causes: added(result.causes, outcome.words, 1) }),
  };
}

export function sumOf(results: Iterable<LineResult>): LineResult {
  let sum = noCalls;
  for (const each of results)
    sum = {
      calls: sum.calls + each.calls,
      answered: sum.answered + each.answered,
      short: sum.short + each.short,
      rung: sum.rung + each.rung,
      late: sum.late + each.late,
      causes: merged(sum.causes, each.causes),
      delays: merged(sum.delays, each.delays),
    };
  return sum;
}

/** The time within which `share` of the calls had begun to ring, rounded up to the step; null: none did. */
export function delayAt({ delays, rung }: LineResult, share: number): number | null {
  if (rung === 0) return null;
  const steps = Object.entries(delays)
    .map(([step, calls]) => [Number(step), calls] as const)
    .sort(([a], [b]) => a - b);
  let left = Math.ceil(rung * share);
  for (const [step, calls] of steps) if ((left -= calls) <= 0) return (step + 1) * delayStepMs;
  return null;
}

const stepOf = (ms: number): number => Math.floor(Math.min(Math.max(ms, 0), longestDelayMs) / delayStepMs);

type Counts = Readonly<Record<string, number>>;

const added = (counts: Counts, key: string, more: number): Counts => ({
  ...counts,
  [key]: (counts[key] ?? 0) + more,
});

const merged = (one: Counts, other: Counts): Counts =>
  Object.entries(other).reduce((sum, [key, more]) => added(sum, key, more), one);
