import { uniform, type Distribution } from './random.ts';

/** Shares of all calls that fail within a second or two, by kind. */
export interface Failures {
  busy: number;
  congestion: number;
  unallocated: number;
}

export type PlayedOutcome =
  'answered' | 'abandoned' | 'machine' | 'no-answer' | 'busy' | 'congestion' | 'unallocated';

/** A lead that is being dialled. */
export interface PlayedLead {
  segment: number;
  /** Calls made to it before this one. */
  attempts: number;
  /** How often it has met which outcome, this call not counted; null: never called before. */
  tries: Partial<Record<PlayedOutcome, number>> | null;
}

/** Where the leads of a play come from, and what becomes of them. `t` is seconds since the start. */
export interface LeadSupply {
  /** How many may be called now. */
  ready(t: number): number;
  take(t: number): PlayedLead | null;
  ended(lead: PlayedLead, outcome: PlayedOutcome, t: number): void;
  /** Leads that will be called again some time, those in the air not counted. */
  readonly left: number;
}

/** What is on the floor when a play does not begin with an empty one; seconds that each has lasted. */
export interface Present {
  idle: number;
  talking: number[];
  wrapup: number[];
  ringing: number[];
}

/** What the outside world does. `t` is seconds since the start. */
export interface Traffic {
  seconds: number;
  /** Agents wanted at the desk at each change, in order of time. Leaving agents finish their call. */
  staffing: { at: number; agents: number }[];
  answerProbability(t: number, lead: PlayedLead | null): number;
  /** Share of all calls that a machine picks up, and that fail within a second or two. */
  machineShare?: number;
  failShare?: number;
  /** The kinds that `failShare` is made of; all congestion unless given. */
  failures?: Failures;
  ringToAnswer: Distribution;
  ringToNothing: Distribution;
  ringToMachine?: Distribution;
  ringToFailure?: Distribution;
  talk(t: number): Distribution;
  wrapup?: Distribution;
  graceMs: number;
  leads?: number;
  supply?: LeadSupply;
  lines?: number;
  callsPerSecond?: number;
  present?: Present;
  /** Each call tells its own answer probability to the pacer. */
  hints?: boolean;
  /** Spread of answer probability between leads, as `p · (1 ± spread)`. */
  leadSpread?: number;
}

export type FateKind = 'answer' | 'nothing' | 'machine' | 'failure';

/** What will become of a call, and after how many seconds. Depends on seed, number and the traffic of that moment only. */
export function fateOf(
  traffic: Traffic,
  probability: number,
  seed: number,
  call: number,
): { kind: FateKind; after: number } {
  const u = uniform(seed, 1, call);
  const x = uniform(seed, 2, call);
  const y = uniform(seed, 3, call);
  const machine = traffic.machineShare ?? 0;
  if (u < probability) return { kind: 'answer', after: traffic.ringToAnswer(x, y) };
  if (u < probability + machine)
    return { kind: 'machine', after: (traffic.ringToMachine ?? traffic.ringToAnswer)(x, y) };
  if (u < probability + machine + (traffic.failShare ?? 0))
    return { kind: 'failure', after: (traffic.ringToFailure ?? (() => 1))(x, y) };
  return { kind: 'nothing', after: traffic.ringToNothing(x, y) };
}

/** Which failure it was, by another draw of the same call. */
export function failureOf(traffic: Traffic, seed: number, call: number): keyof Failures {
  const { failures } = traffic;
  if (!failures) return 'congestion';
  const u = uniform(seed, 4, call) * (failures.busy + failures.congestion + failures.unallocated);
  if (u < failures.busy) return 'busy';
  return u < failures.busy + failures.unallocated ? 'unallocated' : 'congestion';
}
