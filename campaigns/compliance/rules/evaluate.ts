import { addMonths, dayMs, localDay, type DayNumber } from '../../../core/time/local-day.ts';
import type { ZoneRules } from '../../../core/time/zone-rules.ts';
import { abandonCapExceeded, withHungUpOn } from '../abandonment.ts';
import { byPrecedence, type BlockReason, type ReasonCode } from '../reason.ts';
import { mayAbandon, solicits, type Facts } from './facts.ts';
import { capsOf, type Cap } from './frequency.ts';
import { contractConsent, type RuleSet } from './rule-set.ts';
import { closedBecause, nextOpening } from './windows.ts';

export interface Decision {
  readonly decision: 'allow' | 'block';
  readonly reasonCode: ReasonCode;
  /** Epoch ms; null when allowed, and when no passage of time cures the block. */
  readonly nextAllowedAt: number | null;
  /** What will stand against the call for good once hours and counts would let it pass; then there is no next instant. */
  readonly standsThen?: BlockReason;
  /** With that: when hours and counts would let it pass. */
  readonly opensAt?: number | null;
}

/** Longest wait that is looked for: beyond it a block counts as one that time does not cure. */
const horizonMs = 400 * dayMs;
const allowed: Decision = { decision: 'allow', reasonCode: 'OK', nextAllowedAt: null };

/** May this call be made at this instant? All rule sets must pass in all zones; no zones: no call. Pure. */
export function evaluate(
  ruleSets: readonly RuleSet[],
  zones: readonly ZoneRules[],
  facts: Facts,
  at: number,
): Decision {
  const standing = standingBlock(ruleSets, zones, facts, at);
  if (standing) return { decision: 'block', reasonCode: standing, nextAllowedAt: null };
  const caps = bearingCaps(ruleSets, zones, facts);
  const timed = ruleSets.filter((rules) => !waived(rules, facts));
  const reason = blockedNow(timed, zones, caps, at);
  if (!reason) return allowed;
  const opens = nextAllowed(timed, zones, caps, at);
  // A comparison with the list grows old meanwhile, a relationship ends, a duty of consent begins.
  const standsThen = opens === null ? null : standingBlock(ruleSets, zones, facts, opens);
  if (standsThen)
    return { decision: 'block', reasonCode: reason, nextAllowedAt: null, standsThen, opensAt: opens };
  return { decision: 'block', reasonCode: reason, nextAllowedAt: opens };
}

/** The reason alone, null when allowed: for those who look at many instants and not at what comes after. */
export function blockReason(
  ruleSets: readonly RuleSet[],
  zones: readonly ZoneRules[],
  facts: Facts,
  at: number,
): BlockReason | null {
  const standing = standingBlock(ruleSets, zones, facts, at);
  if (standing) return standing;
  const timed = ruleSets.filter((rules) => !waived(rules, facts));
  return blockedNow(timed, zones, bearingCaps(ruleSets, zones, facts), at);
}

/** Every ground that stands against a call at an instant, the strongest first; none when it is allowed. */
export function allGrounds(
  ruleSets: readonly RuleSet[],
  zones: readonly ZoneRules[],
  facts: Facts,
  at: number,
): BlockReason[] {
  const timed = ruleSets.filter((rules) => !waived(rules, facts));
  const grounds = new Set(standingBlocks(ruleSets, zones, facts, at));
  for (const reason of blocksNow(timed, zones, bearingCaps(ruleSets, zones, facts), at)) grounds.add(reason);
  return [...grounds].sort(byPrecedence);
}

/** The first of the blocks that no passage of time cures. */
function standingBlock(
  ruleSets: readonly RuleSet[],
  zones: readonly ZoneRules[],
  facts: Facts,
  at: number,
): BlockReason | null {
  for (const reason of standingBlocks(ruleSets, zones, facts, at)) return reason;
  return null;
}

/** Blocks that no passage of time cures, in their order of precedence. */
function* standingBlocks(
  ruleSets: readonly RuleSet[],
  zones: readonly ZoneRules[],
  facts: Facts,
  at: number,
): Generator<BlockReason> {
  const consents = consentsOf(facts);
  const sells = solicits(facts.kind);
  if (!facts.numberValid) yield 'NUMBER_INVALID';
  if (facts.dncInternal) yield 'DNC_INTERNAL';
  if (facts.consent === 'revoked') yield 'CONSENT_REVOKED';
  if (
    facts.dncNational &&
    sells &&
    !consents.some((kind) => liftsNationalList(kind, ruleSets, facts)) &&
    !relationshipHolds(ruleSets, zones, facts, at)
  )
    yield 'DNC_NATIONAL';
  if (sells && (scrubMissing(ruleSets, facts) || scrubTooOld(ruleSets, zones, facts, at)))
    yield 'DNC_SCRUB_STALE';
  if (consentMissing(ruleSets, zones, facts, at, consents)) yield 'CONSENT_MISSING';
  if (facts.reassigned) yield 'NUMBER_REASSIGNED';
  if (facts.suspended || (facts.emergencyActive && sells && consents.length === 0))
    yield 'EMERGENCY_SUPPRESSION';
  if (mayAbandon(facts) && ruleSets.some((rules) => abandonsTooMany(rules, facts)))
    yield 'ABANDON_RATE_EXCEEDED';
  if (facts.destinationBlocked) yield 'DESTINATION_NOT_PERMITTED';
  if (zones.length === 0) yield 'ZONE_UNRESOLVED';
  if (facts.attemptsExhausted) yield 'ATTEMPTS_EXHAUSTED';
}

/** A campaign's cap over its own window comes on top of the law's over the law's. */
function abandonsTooMany(
  { name, abandonCap, abandonWindowMs, countsHungUpOn }: RuleSet,
  facts: Facts,
): boolean {
  const { campaignAbandonment, lawAbandonments } = facts;
  const over = name.startsWith('campaign.') ? campaignAbandonment : lawAbandonments?.get(abandonWindowMs);
  const counts = over ?? facts.abandonment;
  if (counts === undefined) return false;
  return abandonCapExceeded(countsHungUpOn ? withHungUpOn(counts) : counts, abandonCap);
}

function scrubMissing(ruleSets: readonly RuleSet[], { dncUncovered, dncScrubbedOn }: Facts): boolean {
  if (dncUncovered) return true;
  return dncScrubbedOn === undefined && ruleSets.some(({ scrubRequired }) => scrubRequired);
}

function scrubTooOld(
  ruleSets: readonly RuleSet[],
  zones: readonly ZoneRules[],
  { dncScrubbedOn }: Facts,
  at: number,
): boolean {
  if (dncScrubbedOn === undefined) return false;
  const age = latestDay(zones, at) - dncScrubbedOn;
  return ruleSets.some((rules) => age > rules.scrubMaxDays);
}

function consentsOf(facts: Facts): string[] {
  const all = [facts.consent, ...(facts.extraConsents ?? [])];
  return all.filter((kind): kind is string => kind !== undefined && kind !== 'none' && kind !== 'revoked');
}

/**
 * In the US the national list yields to permission in writing alone (47 CFR 64.1200(c)(2)(ii)): not to a spoken word, and
 * not to a yes in the column of a file, behind which nobody sees a paper.
 */
function liftsNationalList(
  consent: string,
  ruleSets: readonly RuleSet[],
  { optInWritten, inUs }: Facts,
): boolean {
  if (inUs || ruleSets.some(({ ofUs }) => ofUs))
    return consent === 'pewc' || (consent === 'opt_in' && optInWritten === true);
  if (consent === 'pewc' || consent === 'opt_in') return true;
  if (consent !== contractConsent) return false;
  // A contract is no leave to be called; some laws count it as one, and say so. One that does not say so forbids.
  const laws = ruleSets.filter(({ businessRelationship }) => businessRelationship !== 'any');
  return laws.length > 0 && laws.every(({ consentOk }) => consentOk.includes(consent));
}

function relationshipHolds(
  ruleSets: readonly RuleSet[],
  zones: readonly ZoneRules[],
  { lastTransactionOn, lastInquiryOn }: Facts,
  at: number,
): boolean {
  if (lastTransactionOn === undefined && lastInquiryOn === undefined) return false;
  const today = latestDay(zones, at);
  const within = (since: DayNumber | undefined, months: number): boolean =>
    since !== undefined && today <= addMonths(since, months);
  return ruleSets.every(({ businessRelationship: rule }) => {
    if (rule === null || rule === 'any') return rule === 'any';
    return within(lastTransactionOn, rule.transactionMonths) || within(lastInquiryOn, rule.inquiryMonths);
  });
}

const optIns: ReadonlySet<string> = new Set(['opt_in', 'prior_express_consent', 'pewc']);

function consentMissing(
  ruleSets: readonly RuleSet[],
  zones: readonly ZoneRules[],
  facts: Facts,
  at: number,
  consents: readonly string[],
): boolean {
  if (facts.requiresWrittenConsent && !consents.includes('pewc')) return true;
  if (facts.requiresOptIn && !consents.some((kind) => optIns.has(kind))) return true;
  if (facts.requiresConsent && consents.length === 0) return true;
  if (!solicits(facts.kind)) return false;
  for (const { consentRequiredFrom, consentOk } of ruleSets)
    if (consentRequiredFrom !== null && latestDay(zones, at) >= consentRequiredFrom)
      if (!consents.some((kind) => consentOk.includes(kind))) return true;
  return false;
}

/** The latest date any of the zones shows; the latest anywhere on earth when no zone is known. */
function latestDay(zones: readonly ZoneRules[], at: number): DayNumber {
  if (zones.length === 0) return Math.floor((at + 14 * 3_600_000) / dayMs);
  let latest = -Infinity;
  for (const zone of zones) latest = Math.max(latest, localDay(zone, at));
  return latest;
}

function waived(rules: RuleSet, facts: Facts): boolean {
  if (rules.waivedBy.length === 0) return false;
  return consentsOf(facts).some((kind) => rules.waivedBy.includes(kind));
}

function bearingCaps(ruleSets: readonly RuleSet[], zones: readonly ZoneRules[], facts: Facts): Cap[] {
  const caps: Cap[] = [];
  for (const rules of ruleSets)
    for (const rule of rules.frequency)
      for (const zone of zones) {
        const cap = capsOf(rule, facts, zone);
        if (cap) caps.push(cap);
      }
  return caps;
}

function blockedNow(
  timed: readonly RuleSet[],
  zones: readonly ZoneRules[],
  caps: readonly Cap[],
  at: number,
): BlockReason | null {
  let first: BlockReason | null = null;
  for (const reason of blocksNow(timed, zones, caps, at)) first = stronger(first, reason);
  return first;
}

function* blocksNow(
  timed: readonly RuleSet[],
  zones: readonly ZoneRules[],
  caps: readonly Cap[],
  at: number,
): Generator<BlockReason> {
  for (const cap of caps) if (!cap.passes(at)) yield cap.reason;
  for (const rules of timed)
    for (const zone of zones) {
      const reason = closedBecause(rules, zone, at);
      if (reason) yield reason;
    }
}

function stronger(a: BlockReason | null, b: BlockReason | null): BlockReason | null {
  if (!a || !b) return a ?? b;
  return byPrecedence(a, b) <= 0 ? a : b;
}

/** Moves on to the latest of all rules' next instants until every rule stands still. */
function nextAllowed(
  timed: readonly RuleSet[],
  zones: readonly ZoneRules[],
  caps: readonly Cap[],
  at: number,
): number | null {
  const limit = at + horizonMs;
  for (let candidate = at; ;) {
    let next = candidate;
    for (const cap of caps) next = Math.max(next, cap.next(next, limit));
    for (const rules of timed)
      for (const zone of zones) {
        if (next === Infinity) return null;
        next = Math.max(next, nextOpening(rules, zone, next, limit));
      }
    if (next >= limit) return null;
    if (next === candidate) return candidate;
    candidate = next;
  }
}
