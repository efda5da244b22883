import type { CallOutcome } from '../../dialer/calls/call.ts';

/**
 * What is counted from call events, for any campaign and span of time. Counts add up: a day is the sum of its
 * spans. Rates never add up and are derived from counts, here and nowhere else.
 */
export interface Figures {
  /** Calls given to a trunk. A call that a second trunk took over is still one attempt. */
  attempts: number;
  /** Live persons who met an agent within the grace. */
  connected: number;
  /** Live persons who met nobody within the grace, whether or not somebody talked with them later. */
  abandoned: number;
  /** Those of `abandoned` with whom an agent talked after all. */
  connectedLate: number;
  /** Ended calls by what the network, or the end of the call, says. */
  outcomes: Record<CallOutcome, number>;
  /** Milliseconds that customer and agent were connected, holds included; calls that ended. */
  talkMs: number;
  /** Milliseconds from the person on the line to the agent, over `connected` and `connectedLate` calls that ended. */
  answerWaitMs: number;
  /** Dispositions given, and those of the categories that matter to rates. */
  disposed: number;
  rightParty: number;
  sales: number;
}

export const outcomes = [
  'answered',
  'abandoned',
  'hung-up',
  'machine',
  'busy',
  'no-answer',
  'congestion',
  'unallocated',
  'rejected',
  'failed',
  'cancelled',
] as const satisfies readonly CallOutcome[];

export function noFigures(): Figures {
  return {
    attempts: 0,
    connected: 0,
    abandoned: 0,
    connectedLate: 0,
    outcomes: Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<CallOutcome, number>,
    talkMs: 0,
    answerWaitMs: 0,
    disposed: 0,
    rightParty: 0,
    sales: 0,
  };
}

/** A share of a count; null where there is nothing to divide by, which pages show as a dash and never as 0 %. */
export function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

/** Everyone who picked up and was no machine. */
export const livePersons = (f: Figures) => f.connected + f.abandoned + f.outcomes['hung-up'];
/** Live persons ÷ attempts. */
export const contactRate = (f: Figures) => share(livePersons(f), f.attempts);
/** Right party (by disposition) ÷ live persons. */
export const rightPartyRate = (f: Figures) => share(f.rightParty, livePersons(f));
/** Sales ÷ right party. */
export const conversion = (f: Figures) => share(f.sales, f.rightParty);
/** Leads attempted at least once ÷ leads loaded. */
export const penetration = (attempted: number, loaded: number) => share(attempted, loaded);
/** Mean milliseconds from answer to agent. */
export const meanAnswerWait = (f: Figures) => share(f.answerWaitMs, f.connected + f.connectedLate);
