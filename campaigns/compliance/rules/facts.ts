import type { DayNumber } from '../../../core/time/local-day.ts';
import type { Abandonment } from '../abandonment.ts';

/** What is known of one call that is about to be made. No I/O: somebody else has collected it. */
export interface Facts {
  /** `live_telemarketing`, `predictive_telemarketing`, `prerecorded_telemarketing`, `debt_collection`, `research` … */
  readonly kind: string;
  readonly numberValid: boolean;
  /** Dialled by a machine before an agent is at hand; told from the kind where not given. */
  readonly automated?: boolean;
  readonly dncInternal?: boolean;
  readonly dncNational?: boolean;
  /** The day the number was last compared with the national list. */
  readonly dncScrubbedOn?: DayNumber;
  /** The firm has national lists of the country, and none of them speaks of this number's area. */
  readonly dncUncovered?: boolean;
  /** `none`, `revoked`, `opt_in`, `prior_express_consent`, `pewc` (in writing), `contract_in_progress` … */
  readonly consent?: string;
  readonly extraConsents?: readonly string[];
  /** An `opt_in` among them was given on paper, in a web form or in a contract. */
  readonly optInWritten?: boolean;
  /** The number or the address is of the United States, whatever the rule sets are called. */
  readonly inUs?: boolean;
  readonly requiresConsent?: boolean;
  /** Prior express written consent, as a prerecorded sales call to a US mobile needs it. */
  readonly requiresWrittenConsent?: boolean;
  /** A consent to be called, as a recorded message needs it wherever no writing is asked for: a contract is none. */
  readonly requiresOptIn?: boolean;
  readonly reassigned?: boolean;
  readonly emergencyActive?: boolean;
  /** Stopped by hand for everybody, consent or not. */
  readonly suspended?: boolean;
  /** Over the usual window of the law. */
  readonly abandonment?: Abandonment;
  /** By the windows that laws have, in ms; the usual one's where one is not in it. */
  readonly lawAbandonments?: ReadonlyMap<number, Abandonment>;
  /** Over the campaign's own, for its own cap; the law's where not given. */
  readonly campaignAbandonment?: Abandonment;
  readonly destinationBlocked?: boolean;
  readonly lastTransactionOn?: DayNumber;
  readonly lastInquiryOn?: DayNumber;
  /** The campaign's own limit of attempts is reached. */
  readonly attemptsExhausted?: boolean;
  /** Instants of attempts on this person, by whatever number. */
  readonly attempts?: readonly number[];
  /** Instants of attempts on this very number; the person's where not given. */
  readonly numberAttempts?: readonly number[];
  readonly conversationAt?: number;
  readonly refusedAt?: number;
  readonly lastAbandonedAt?: number;
}

/** A call that may reach a person with no agent at hand: what the abandonment rules are about. */
export function mayAbandon({ automated, kind }: Pick<Facts, 'automated' | 'kind'>): boolean {
  return automated ?? /^(predictive|power|automated|prerecorded)/.test(kind);
}

/** Collection, research and service calls are not solicitation: lists and consents of sales law pass them by. */
export function solicits(kind: string): boolean {
  return !/^(debt_collection|collection|research|survey|service|informational|transactional)/.test(kind);
}
