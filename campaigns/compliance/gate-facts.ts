import type { CallingHours } from '../campaigns/hours.ts';
import type { DncEntry } from '../dnc/dnc.ts';
import type { Abandonment } from './abandonment.ts';
import type { ConsentFacts } from './consents/consent.ts';
import type { GatePath, GateRequest } from './gate.ts';
import type { Override } from './overrides/override.ts';
import type { RuleCatalogue, RuleLook } from './rules/catalogue.ts';
import type { ScrubFacts } from './scrubs/scrub-index.ts';
import type { Suspension } from './suspensions/suspension.ts';

/** What the gate has to know of a campaign. */
export interface GateCampaign {
  readonly id: number;
  readonly mode: GatePath;
  readonly hours: CallingHours;
  /** Names joined by `+`; null: chosen by number and address. */
  readonly ruleSet: string | null;
  readonly maxAttempts: number;
  readonly abandonCap: number;
  readonly abandonWindowMs: number;
}

/** What is on record about one request. */
export interface KnownFacts {
  readonly campaign: GateCampaign | null;
  readonly customerId: number | null;
  readonly addressRegion: string | null;
  /** Kinds of consent on record; `revoked` among them. */
  readonly consents: readonly string[];
  readonly lead: {
    readonly attempts: number;
    readonly dialing: boolean;
    /** The customer has been promised this call. */
    readonly promised?: boolean;
  } | null;
  readonly dnc: DncEntry | null;
  /** The ledger's lines behind `consents`, and dates of a relationship. */
  readonly ledger: ConsentFacts;
  readonly scrub: ScrubFacts;
  /** Suspensions in force, anywhere. */
  readonly suspensions: readonly Suspension[];
  /** When the customer came into the CRM, epoch ms. */
  readonly customerSince: number | null;
  /** Leave for one call by hand, not used yet. */
  readonly override: Override | null;
  /** The entry of a partner's number that a customer is to be handed on to. */
  readonly partner?: number | null;
  /** Attempts on the person, over all campaigns and numbers, this call excepted; epoch ms. */
  readonly attempts: readonly number[];
  readonly numberAttempts: readonly number[];
  readonly conversationAt?: number;
  readonly refusedAt?: number;
  readonly lastAbandonedAt?: number;
  /** Over the campaign's own window. */
  readonly abandonment: Abandonment | null;
  /** Over each window that a law has, in ms. */
  readonly lawAbandonments?: ReadonlyMap<number, Abandonment> | null;
}

/** What rules look at; of a whole catalogue it is also known what no set of it asks for. */
export type FactsLook = RuleLook & Partial<Pick<RuleCatalogue, 'get' | 'placed'>>;

/** Where the gate's facts come from. */
export interface GateFacts {
  /**
   * In the order of the requests; null where the request names a campaign, lead or customer that does not exist.
   * `look`: as far back as the rules look. Rejects when the facts cannot be had.
   */
  of(requests: readonly GateRequest[], now: number, look: FactsLook): Promise<(KnownFacts | null)[]>;
}
