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

/**
 * Which number of the customer comes after an outcome: the same, the next after the delay, or the next at once, until each
 * has been dialled in this round.
 */
export const phoneChoices = ['same', 'next', 'next-now'] as const;
export type PhoneChoice = (typeof phoneChoices)[number];

/** How an outcome is tried again. */
export interface RetryRule {
  /** How often a lead may meet this outcome before it is exhausted; 1: never tried again. */
  readonly attempts: number;
  readonly delayMinutes: number;
  readonly phone: PhoneChoice;
  /** Not before another part of the customer's day than those tried, where the campaign has any. */
  readonly otherPart: boolean;
}

export type RetryRules = Readonly<Record<AttemptOutcome, RetryRule>>;

/**
 * Rules that suit most campaigns. Busy and congestion pass quickly; no answer wants another time of day; an abandoned
 * customer is left alone for 72 hours (Ofcom's rule, and good manners anywhere); a dead number is not tried again.
 */
export const defaultRetryRules: RetryRules = {
  answered: { attempts: 1, delayMinutes: 1440, phone: 'same', otherPart: false },
  abandoned: { attempts: 2, delayMinutes: 4320, phone: 'same', otherPart: false },
  'hung-up': { attempts: 2, delayMinutes: 1440, phone: 'same', otherPart: false },
  machine: { attempts: 3, delayMinutes: 240, phone: 'next', otherPart: true },
  busy: { attempts: 5, delayMinutes: 15, phone: 'next', otherPart: false },
  'no-answer': { attempts: 4, delayMinutes: 180, phone: 'next', otherPart: true },
  congestion: { attempts: 6, delayMinutes: 5, phone: 'same', otherPart: false },
  unallocated: { attempts: 1, delayMinutes: 0, phone: 'next', otherPart: false },
  rejected: { attempts: 2, delayMinutes: 1440, phone: 'next', otherPart: false },
  failed: { attempts: 4, delayMinutes: 10, phone: 'same', otherPart: false },
  cancelled: { attempts: 6, delayMinutes: 5, phone: 'same', otherPart: false },
};

/** Rules as they were saved, with what has come since. */
export function withDefaults(saved: Partial<Record<AttemptOutcome, Partial<RetryRule>>>): RetryRules {
  return Object.fromEntries(
    attemptOutcomes.map((outcome) => [outcome, { ...defaultRetryRules[outcome], ...saved[outcome] }]),
  ) as unknown as RetryRules;
}
