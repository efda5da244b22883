export {
  leadStates,
  leadTransitions,
  numbersLeft,
  type Lead,
  type LeadMove,
  type LeadRefusal,
  type LeadState,
  type ReservedLead,
  type Tries,
} from './lead.ts';
export {
  attemptOutcomes,
  defaultRetryRules,
  type AttemptOutcome,
  type RetryRule,
  type RetryRules,
} from './outcome.ts';
export { afterAttempt } from './after-attempt.ts';
export { createCallbackEnds } from './callback-end.ts';
export type { CallbackMove } from './callback-lead.ts';
export { setCallbackTime } from './callback-time.ts';
export { createLeadStore, type LeadStore } from './lead-store.ts';
export { mayBePromised, type AttemptResult } from './lead-attempts.ts';
export { heldByState, leadPriorities } from './hopper-row.ts';
export { byState } from './lead-figures.ts';
export { countBuckets } from './lead-ranges.ts';
export { createCustomersFilter } from './lead-filters.ts';
export type { Aside } from './leads-aside.ts';
export { feedEveryMs } from './hopper-feed.ts';
export { slowCounts, type SlowCounts } from './slow-counts.ts';
export type { Reserve } from './lead-hopper.ts';
