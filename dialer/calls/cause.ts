import type { CallOutcome } from './outcome.ts';

interface Meaning {
  outcome: CallOutcome;
  /** Key under `dialer:cause`: what it means, in words for the agent. */
  words: string;
  /** The trunk's trouble and not the number's: another trunk may carry the same call. */
  trunk?: true;
  /** The carrier refuses us, whomever we call: nobody was called, and only the trunk's account can change it. */
  refusesUs?: true;
  /** Refused, and nobody says whether it is the customer, the number or our account. */
  isDoubtful?: true;
}

const rejectedCause = 21;

const busy: Meaning = { outcome: 'busy', words: 'busy' };
const noAnswer: Meaning = { outcome: 'no-answer', words: 'no-answer' };
const wrongNumber: Meaning = { outcome: 'unallocated', words: 'unallocated' };
const congested: Meaning = { outcome: 'congestion', words: 'congestion', trunk: true };
const rejected: Meaning = { outcome: 'rejected', words: 'rejected' };
const loginRefused: Meaning = { outcome: 'failed', words: 'login-refused', trunk: true, refusesUs: true };
const failed: Meaning = { outcome: 'failed', words: 'failed' };

/** Q.850 causes as Asterisk reports them for SIP answers; the SIP code that usually stands behind is named. */
const byCause: Readonly<Record<number, Meaning>> = {
  1: wrongNumber, // 404
  2: { outcome: 'congestion', words: 'no-route', trunk: true },
  3: { outcome: 'congestion', words: 'no-route', trunk: true },
  17: busy, // 486, 600
  18: { outcome: 'no-answer', words: 'not-reachable' }, // 408
  19: noAnswer, // 480
  20: { outcome: 'no-answer', words: 'switched-off' }, // 480
  21: rejected, // 401, 403, 407, 603
  22: { outcome: 'unallocated', words: 'number-changed' }, // 410
  23: { outcome: 'unallocated', words: 'number-changed' },
  27: { outcome: 'congestion', words: 'out-of-order', trunk: true }, // 502
  28: wrongNumber, // 484
  29: { outcome: 'failed', words: 'trunk-rejected', trunk: true },
  31: noAnswer,
  34: congested, // 503
  38: { outcome: 'congestion', words: 'out-of-order', trunk: true }, // 500
  41: congested,
  42: congested,
  44: congested,
  47: congested,
  50: { outcome: 'failed', words: 'trunk-rejected', trunk: true },
  57: { outcome: 'failed', words: 'trunk-rejected', trunk: true },
  58: { outcome: 'failed', words: 'no-codec', trunk: true }, // 488
  65: { outcome: 'failed', words: 'no-codec', trunk: true },
  79: failed,
  88: { outcome: 'failed', words: 'no-codec', trunk: true },
  102: { outcome: 'no-answer', words: 'not-reachable' }, // 504
  127: failed,
};

/** SIP answers that Asterisk folds into one cause with what they are not. */
const bySipStatus: Readonly<Record<number, Meaning>> = {
  401: loginRefused,
  402: { outcome: 'failed', words: 'trunk-rejected', trunk: true, refusesUs: true },
  403: { outcome: 'rejected', words: 'forbidden', isDoubtful: true },
  407: loginRefused,
};

/** Asterisk's word for an unanswered dial, where the cause says nothing (0, 16, 26 …). */
const byDialStatus: Readonly<Record<string, Meaning>> = {
  BUSY: busy,
  NOANSWER: noAnswer,
  CANCEL: { outcome: 'cancelled', words: 'cancelled' },
  CONGESTION: congested,
  CHANUNAVAIL: { outcome: 'congestion', words: 'trunk-unreachable', trunk: true },
  DONTCALL: rejected,
  TORTURE: rejected,
};

export interface UnansweredEnd {
  /** Q.850 */
  readonly cause: number | null;
  readonly dialStatus: string | null;
  /** The carrier's own answer, where the switch tells it. */
  readonly sipStatus?: number;
}

/** What an unanswered call's end means. A telling cause comes before the dial status, which folds many into one. */
export function unansweredMeaning({ cause, dialStatus, sipStatus }: UnansweredEnd): Meaning {
  const answered = sipStatus === undefined ? undefined : bySipStatus[sipStatus];
  if (answered) return answered;
  if (cause === rejectedCause && sipStatus === undefined) return { ...rejected, isDoubtful: true };
  const told = cause === null ? undefined : byCause[cause];
  if (told) return told;
  return byDialStatus[dialStatus?.toUpperCase() ?? ''] ?? failed;
}

/**
 * What a trunk's "no" leads to. `next`: the call goes out over the next trunk, and a trunk that has refused three in a row
 * rests. `rest`: the trunk rests at once, and the call goes out over the next. `number`: it was the number's own answer,
 * which no other trunk changes. `doubtful`: the number's, unless several numbers in a row are refused so at once.
 */
export type FailoverKind = 'next' | 'rest' | 'number' | 'doubtful';

export interface FailoverRow {
  readonly kind: FailoverKind;
  /** Key under `dialer:cause`. */
  readonly words: string;
  /** Q.850 */
  readonly causes: readonly number[];
  readonly sip: readonly number[];
}

/** The tables above as they are read by people, what concerns the trunk first. */
export function failoverTable(): FailoverRow[] {
  const rows = new Map<string, { kind: FailoverKind; words: string; causes: number[]; sip: number[] }>();
  const add = ({ trunk, refusesUs, isDoubtful, words }: Meaning, of: 'causes' | 'sip', code: number) => {
    const kind = refusesUs ? 'rest' : trunk ? 'next' : isDoubtful ? 'doubtful' : 'number';
    const key = `${kind} ${words}`;
    const row = rows.get(key) ?? { kind, words, causes: [], sip: [] };
    row[of].push(code);
    rows.set(key, row);
  };
  for (const [code, meaning] of Object.entries(bySipStatus)) add(meaning, 'sip', Number(code));
  for (const [code, meaning] of Object.entries(byCause))
    // Without the carrier's own answer it stands for 403 as well.
    if (Number(code) === rejectedCause) add({ ...meaning, isDoubtful: true }, 'causes', rejectedCause);
    else add(meaning, 'causes', Number(code));
  add(rejected, 'sip', 603);
  const order: readonly FailoverKind[] = ['rest', 'next', 'doubtful', 'number'];
  return [...rows.values()].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

/** The key under `dialer:cause` that tells an agent in words why a call ended as it did. */
export function endInWords(outcome: CallOutcome, cause: number | null): string {
  // What the customer or the number refuses is "rejected": this was our login, or what our account may call.
  if (cause === rejectedCause && outcome === 'failed') return 'trunk-rejected';
  const told = cause === null ? undefined : byCause[cause];
  if (told && told.outcome === outcome) return told.words;
  return outcome;
}

/** Every key that `endInWords` gives beside the outcomes themselves. */
export const causeWords: readonly string[] = [
  ...new Set(
    [...Object.values(byCause), ...Object.values(bySipStatus)].flatMap(({ outcome, words }) =>
      words === outcome ? [] : [words],
    ),
  ),
];
