import { optedOutReason } from './block-reasons.ts';
import { nextPhone, type Lead, type LeadState, type Tries } from './lead.ts';
import type { CallingHours } from '../campaigns/hours.ts';
import { nextInOtherPart, partAt, partName, type DayPart } from './day-parts.ts';
import type { AttemptOutcome, PhoneChoice, RetryRules } from './outcome.ts';

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
  /** The customer has asked, by a key, to be called no more. */
  readonly optedOut?: boolean;
  /** When the customer wants to be called, epoch ms. */
  readonly callbackAt: number | null;
  /** The agent the callback belongs to; null: anyone. */
  readonly agentId: number | null;
  /** The attempt had ended with what was taken for granted of it, and is counted. */
  readonly amends?: boolean;
  readonly at: number;
  /** The customer's zone, IANA; null: nobody knows, and parts of the day do not count. */
  readonly zone?: string | null;
}

export interface CampaignRetries {
  readonly maxAttempts: number;
  readonly rules: RetryRules;
  /** Of one number; null: no limit of its own. */
  readonly attemptsPerNumber?: number | null;
  readonly dayParts?: readonly DayPart[];
  readonly hours?: CallingHours;
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
 * callback that could not be tried stays one, whatever has been counted; a disposition's own delay applies; otherwise the
 * campaign's rule for the outcome.
 */
export function afterAttempt(
  lead: Pick<Lead, 'attempts' | 'phonePosition' | 'tries'> &
    Partial<Pick<Lead, 'reservedFrom' | 'agentId' | 'lastAttemptAt'>>,
  phones: readonly string[],
  campaign: CampaignRetries,
  end: AttemptEnd,
): AfterAttempt {
  const { outcome, disposition, at } = end;
  // Without a number, as it was chosen when the lead was reserved.
  const chosen = nextPhone(phones, lead.phonePosition, lead.tries)?.position ?? lead.phonePosition;
  const dialledAt = end.e164 == null ? -1 : phones.indexOf(end.e164);
  const position = dialledAt >= 0 ? dialledAt : chosen;
  const dialled = end.e164 ?? phones[position];
  const part = end.zone ? partAt(campaign.dayParts ?? [], lead.lastAttemptAt ?? at, end.zone) : null;
  const tries = end.amends ? lead.tries : countTry(lead.tries, { outcome, e164: dialled, part }, campaign);
  const rule = campaign.rules[outcome];
  const next = nextPhone(phones, phoneAfter(position, phones, outcome, rule.phone), tries);
  const phonePosition = next?.position ?? position;
  const settled = { tries, phonePosition, agentId: null };
  const result = (state: LeadState, stateReason: string | null, nextAt = 0): AfterAttempt => ({
    ...settled,
    state,
    stateReason,
    nextAt,
  });

  /** After the delay, and where the rule wants it in another part of the day. */
  const nextTime = (): number => {
    const from = at + rule.delayMinutes * minuteMs;
    const { dayParts = [], hours } = campaign;
    if (!rule.otherPart || dayParts.length === 0 || !end.zone || !hours) return from;
    return nextInOtherPart(dayParts, { counts: tries.parts ?? {}, last: part }, { from, zone: end.zone, hours }); // prettier-ignore
  };

  if (end.optedOut) return result('blocked', optedOutReason);
  if (disposition?.category === 'dnc') return result('blocked', disposition.code);
  if (end.callbackAt !== null)
    return { ...result('callback', disposition?.code ?? 'callback', end.callbackAt), agentId: end.agentId };
  if (disposition?.final) return result('done', disposition.code);

  const reason = disposition?.code ?? outcome;
  if (lead.reservedFrom === 'callback' && notTried.has(outcome)) {
    // However often its numbers were dialled, as when it is reserved.
    const same = next ?? nextPhone(phones, position, { dead: tries.dead });
    const retryMs = disposition?.retryMinutes == null ? null : disposition.retryMinutes * minuteMs;
    return {
      ...result('callback', reason, retryMs === null ? nextTime() : at + retryMs),
      ...{ phonePosition: same?.position ?? position, agentId: lead.agentId ?? null },
    };
  }
  if (disposition && disposition.retryMinutes !== null) {
    if (lead.attempts >= campaign.maxAttempts) return result('exhausted', 'max-attempts');
    if (!next && tries.spent) return result('exhausted', 'attempts-per-number');
    return result('waiting', reason, at + disposition.retryMinutes * minuteMs);
  }
  if (!next) return result('exhausted', tries.spent?.length ? 'attempts-per-number' : outcome);
  if (lead.attempts >= campaign.maxAttempts) return result('exhausted', 'max-attempts');
  const deadNumber = outcome === 'unallocated' && dialled !== next.e164;
  if (!deadNumber && (tries.outcomes[outcome] ?? 0) >= rule.attempts)
    // A talk that ended without more to do is done; anything else gave up.
    return result(outcome === 'answered' ? 'done' : 'exhausted', reason);
  if (rule.phone === 'next-now' && next.position > position) return result('waiting', reason, at);
  return result('waiting', reason, nextTime());
}

/** The customer's phone has not rung, or not long enough, by our doing or the network's: what was promised stands. */
const notTried: ReadonlySet<AttemptOutcome> = new Set(['cancelled', 'congestion', 'failed']);

/** A dead number never comes again; else the campaign says whether the same is dialled once more. */
function phoneAfter(
  position: number,
  phones: readonly string[],
  outcome: AttemptOutcome,
  choice: PhoneChoice,
): number {
  const keep = choice === 'same' && outcome !== 'unallocated';
  return keep || phones.length === 0 ? position : (position + 1) % phones.length;
}

function countTry(
  tries: Tries,
  attempt: { outcome: AttemptOutcome; e164: string | undefined; part: DayPart | null },
  { attemptsPerNumber }: CampaignRetries,
): Tries {
  const { outcome, e164, part } = attempt;
  const isDead = outcome === 'unallocated' && e164 !== undefined && !tries.dead.includes(e164);
  const numbers = e164 === undefined ? tries.numbers : plusOne(tries.numbers, e164);
  const limit = attemptsPerNumber ?? Infinity;
  const spent = Object.keys(numbers ?? {}).filter((number) => numbers![number]! >= limit);
  return {
    outcomes: plusOne(tries.outcomes, outcome),
    dead: isDead ? [...tries.dead, e164] : tries.dead,
    ...(numbers && { numbers }),
    ...(spent.length > 0 && { spent }),
    ...((part ?? tries.parts) && { parts: part ? plusOne(tries.parts, partName(part)) : tries.parts }),
  };
}

function plusOne<K extends string>(
  counts: Readonly<Partial<Record<K, number>>> | undefined,
  key: K,
): Record<K, number> {
  return { ...counts, [key]: (counts?.[key] ?? 0) + 1 } as Record<K, number>;
}
