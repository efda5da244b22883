/** What became of one attempt, as the network or the end of the call says. One for each call that ended. */
export const attemptOutcomes = [
  'answered',
  'abandoned',
  /** A person hung up before an agent was due. */
  'hung-up',
  'machine',
  'busy',
  'no-answer',
  'congestion',
  'unallocated',
  'rejected',
  'failed',
  'cancelled',
] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** How an outcome is tried again. */
export interface RetryRule {
  /** How often a lead may meet this outcome before it is exhausted; 1: never tried again. */
  readonly attempts: number;
  readonly delayMinutes: number;
}

export type RetryRules = Readonly<Record<AttemptOutcome, RetryRule>>;

/**
 * Rules that suit most campaigns. Busy and congestion pass quickly; no answer wants another time of day; an abandoned
 * customer is left alone for 72 hours (Ofcom's rule, and good manners anywhere); a dead number is not tried again.
 */
export const defaultRetryRules: RetryRules = {
  answered: { attempts: 1, delayMinutes: 1440 },
  abandoned: { attempts: 2, delayMinutes: 4320 },
  'hung-up': { attempts: 2, delayMinutes: 1440 },
  machine: { attempts: 3, delayMinutes: 240 },
  busy: { attempts: 5, delayMinutes: 15 },
  'no-answer': { attempts: 4, delayMinutes: 180 },
  congestion: { attempts: 6, delayMinutes: 5 },
  unallocated: { attempts: 1, delayMinutes: 0 },
  rejected: { attempts: 2, delayMinutes: 1440 },
  failed: { attempts: 4, delayMinutes: 10 },
  cancelled: { attempts: 6, delayMinutes: 5 },
};
