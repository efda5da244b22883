import type { ReasonCode } from './reason.ts';

/** How the call comes to be made. Every one of them passes the gate. */
export const gatePaths = [
  'predictive',
  'power',
  'progressive',
  'preview',
  'manual',
  'callback',
  'transfer',
  'greeting',
  'api',
] as const;
export type GatePath = (typeof gatePaths)[number];

/** Asked when a lead is chosen, again in the moment of dialling, and once more before the answered call is connected. */
export const gateStages = ['reserve', 'dial', 'connect'] as const;
export type GateStage = (typeof gateStages)[number];

export interface GateRequest {
  readonly e164: string;
  readonly stage: GateStage;
  readonly path: GatePath;
  /** Null for a call outside any campaign. */
  readonly campaignId: number | null;
  readonly leadId?: number | null;
  readonly customerId?: number | null;
  /** The id chosen for the call that is about to be made (stage `dial`). */
  readonly callId?: string | null;
}

/**
 * What becomes of a lead: `clear` dial; `later` keep it until `nextAllowedAt`; `uncertain` keep it, as something other
 * than the lead or the hour has to change (the campaign's abandon rate, an emergency, the database); `never` give it
 * up until its data change.
 */
export type Outlook = 'clear' | 'later' | 'uncertain' | 'never';

export interface Verdict {
  readonly decision: 'allow' | 'block';
  /** `decision === 'allow'`, for the many who only need that. */
  readonly allowed: boolean;
  readonly reasonCode: ReasonCode;
  /**
   * Epoch ms of the earliest later instant at which every rule of time and frequency passes, the other facts
   * unchanged. Null when allowed, and when no passage of time cures the block.
   */
  readonly nextAllowedAt: number | null;
  readonly outlook: Outlook;
  /** Every zone the called party may plausibly be in, sorted. */
  readonly zones: readonly string[];
  /** The rule sets that were applied, all of which had to pass: `us.fed_tm+us.fl+campaign.7`. */
  readonly ruleSet: string;
  /** Identifies the contents of those rule sets: the same text means the same rules. */
  readonly ruleVersion: string;
  /** What the answer rests on: counts, dates, local times. Holds no name and no number. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** When it was decided, epoch ms of the app clock: the facts are of that moment. */
  readonly at: number;
  /**
   * From then on the clock alone may forbid the call, though nothing else has changed: nobody is dialled on it any more.
   * `at` itself when blocked.
   */
  readonly goodUntil: number;
}

/**
 * The one gate: "may this number be called now, for this campaign, and if not, why and when next?"
 * Each answer is stored. When the facts cannot be had (database gone, unknown campaign) the answer is
 * `block`/`FACTS_UNAVAILABLE`; it never throws for that.
 */
export interface Gate {
  mayCall(request: GateRequest): Promise<Verdict>;
  /** The same for many at once, with a fixed number of queries; verdicts come in the order of the requests. */
  mayCallMany(requests: readonly GateRequest[]): Promise<Verdict[]>;
  /**
   * A person has answered: may they still be connected? `no` when the number was put on a DNC list, consent was taken
   * back or calls were suspended since the verdict of the dialling; hours and counts are not looked at again. `unknown`
   * when the facts cannot be had: nobody may be connected on that, but it may be asked again. `slow` is told when the
   * answer takes longer than a person should wait; it may still come.
   */
  mayConnect(request: GateRequest, slow?: () => void): Promise<MayConnect>;
}

export type MayConnect = 'yes' | 'no' | 'unknown';

/** A lead that another system brings is asked about as its campaign will dial it. */
export function dialledAs(path: GatePath, campaign: { readonly mode: GatePath } | null): GatePath {
  return path === 'api' && campaign ? campaign.mode : path;
}

/** Paths that dial before an agent is at hand, so that a person who answers may meet nobody. */
export function dialsByMachine(path: GatePath): boolean {
  return path === 'predictive' || path === 'power' || path === 'greeting';
}
