import { nextPhone, type Lead, type LeadState, type Tries } from './lead.ts';
import type { AttemptOutcome, RetryRules } from './outcome.ts';

const minuteMs = 60_000;

/** What the agent's disposition says about going on. */
export interface DispositionRule {
  readonly code: string;
  readonly category: string;
  /** The lead is finished. */
  readonly final: boolean;
  /** Try again after so long; null: the campaign's rule for the outcome. */
  readonly retryMinutes: number | null;
}

export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  /** The number that was dialled, E.164; absent: the lead's own next one. */
  readonly e164?: string | null;
  readonly disposition: DispositionRule | null;
  /** When the customer wants to be called, epoch ms. */
  readonly callbackAt: number | null;
  /** The agent the callback belongs to; null: anyone. */
  readonly agentId: number | null;
  /** The attempt had ended with what was taken for granted of it, and is counted. */
  readonly amends?: boolean;
  readonly at: number;
}

export interface CampaignRetries {
  readonly maxAttempts: number;
  readonly rules: RetryRules;
}

export interface AfterAttempt {
  readonly state: LeadState;
  readonly stateReason: string | null;
  readonly nextAt: number;
  readonly phonePosition: number;
  readonly tries: Tries;
  readonly agentId: number | null;
}

/**
 * What becomes of a lead once an attempt has ended. `lead.attempts` already counts that attempt; `phones` are the
 * customer's numbers in their order. In this order: a promised callback is kept; a final disposition ends the lead; a
 * disposition's own delay applies; otherwise the campaign's rule for the outcome.
 */
export function afterAttempt(
  lead: Pick<Lead, 'attempts' | 'phonePosition' | 'tries'> & Partial<Pick<Lead, 'reservedFrom' | 'agentId'>>,
  phones: readonly string[],
  campaign: CampaignRetries,
  end: AttemptEnd,
): AfterAttempt {
  const { outcome, disposition, at } = end;
  // As it was chosen when the lead was reserved.
  const position = nextPhone(phones, lead.phonePosition, lead.tries.dead)?.position ?? lead.phonePosition;
  const dialled = end.e164 ?? phones[position];
  const tries = end.amends ? lead.tries : countTry(lead.tries, outcome, dialled);
  const next = nextPhone(phones, phoneAfter(position, phones, outcome), tries.dead);
  const phonePosition = next?.position ?? position;
  const settled = { tries, phonePosition, agentId: null };
  const result = (state: LeadState, stateReason: string | null, nextAt = 0): AfterAttempt => ({
    ...settled,
    state,
    stateReason,
    nextAt,
  });

  if (disposition?.category === 'dnc') return result('blocked', disposition.code);
  if (end.callbackAt !== null)
    return { ...result('callback', disposition?.code ?? 'callback', end.callbackAt), agentId: end.agentId };
  if (disposition?.final) return result('done', disposition.code);

  const rule = campaign.rules[outcome];
  const reason = disposition?.code ?? outcome;
  if (disposition && disposition.retryMinutes !== null) {
    if (lead.attempts >= campaign.maxAttempts) return result('exhausted', 'max-attempts');
    return result('waiting', reason, at + disposition.retryMinutes * minuteMs);
  }
  if (!next) return result('exhausted', outcome);
  if (lead.attempts >= campaign.maxAttempts) return result('exhausted', 'max-attempts');
  const deadNumber = outcome === 'unallocated' && dialled !== next.e164;
  if (!deadNumber && (tries.outcomes[outcome] ?? 0) >= rule.attempts)
    // A talk that ended without more to do is done; anything else gave up.
    return result(outcome === 'answered' ? 'done' : 'exhausted', reason);
  const nextAt = at + rule.delayMinutes * minuteMs;
  if (lead.reservedFrom === 'callback' && notTried.has(outcome))
    return { ...result('callback', reason, nextAt), agentId: lead.agentId ?? null };
  return result('waiting', reason, nextAt);
}

/** The customer's phone has not rung, or not long enough, by our doing or the network's: what was promised stands. */
const notTried: ReadonlySet<AttemptOutcome> = new Set(['cancelled', 'congestion', 'failed']);

/** A number that was answered is kept; the next one is tried when the last gave nobody. */
function phoneAfter(position: number, phones: readonly string[], outcome: AttemptOutcome): number {
  const keep: AttemptOutcome[] = ['answered', 'abandoned', 'hung-up', 'cancelled', 'congestion', 'failed'];
  return keep.includes(outcome) || phones.length === 0 ? position : (position + 1) % phones.length;
}

function countTry(tries: Tries, outcome: AttemptOutcome, e164: string | undefined): Tries {
  const outcomes = { ...tries.outcomes, [outcome]: (tries.outcomes[outcome] ?? 0) + 1 };
  const isDead = outcome === 'unallocated' && e164 !== undefined && !tries.dead.includes(e164);
  return { outcomes, dead: isDead ? [...tries.dead, e164] : tries.dead };
}
