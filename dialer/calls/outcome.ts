import { attemptOutcomes, type AttemptOutcome } from '../../campaigns/leads/index.ts';

/** What the network or the end of the call says; every ended call has exactly one. */
export const callOutcomes = attemptOutcomes;
export type CallOutcome = AttemptOutcome;
