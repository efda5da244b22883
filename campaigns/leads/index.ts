export {
  leadStates,
  leadTransitions,
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
export { setCallbackTime, type CallbackMove } from './callback-time.ts';
export { createLeadStore, type AttemptResult, type LeadStore } from './lead-store.ts';
export { leadPriorities, type Reserve } from './lead-hopper.ts';
