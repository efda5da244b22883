import { dayMs, earliestDay, parseDay, type DayNumber } from '../../../core/time/local-day.ts';
import type { ZoneRules } from '../../../core/time/zone-rules.ts';
import { consentKinds } from '../consents/consent.ts';
import type { Facts } from '../rules/facts.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import { isDialable } from '../zones/number-zones.ts';
import type { Warn } from './replay-rules.ts';

const contextKeys = [
  ...['dnc_internal', 'dnc_requested_at', 'dnc_national', 'dnc_scrubbed_on', 'consent', 'extra_consents'],
  ...['requires_consent', 'requires_pewc', 'line_type', 'rnd', 'emergency_active', 'abandon_30d'],
  ...['carrier_blocked_region', 'last_transaction_on', 'last_inquiry_on', 'attempts', 'conversation_at'],
  ...['refused_at', 'last_abandoned_at'],
];
const knownKinds =
  /^(live|manual|preview|progressive|callback|transfer|predictive|power|automated|prerecorded|debt_collection|collection|research|survey|service|informational|transactional)/;
const takenBack = /revo|withdr|opt_?out|refus|den(y|ied)|object/;

/** Where and when a vector's call would be made. */
export interface Place {
  readonly zones: readonly ZoneRules[];
  readonly rules: readonly RuleSet[];
  readonly at: number;
}

/** An instant with its offset, to the minute or finer. */
export function readInstant(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const shape = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;
  const text = value.trim();
  const at = shape.test(text)
    ? Date.parse(
        text
          .toUpperCase()
          .replace(' ', 'T')
          .replace(/([+-]\d\d)(\d\d)$/, '$1:$2'),
      )
    : NaN;
  return Number.isNaN(at) ? null : at;
}

/**
 * The facts of a vector. What is not known by name is told and left out. What cannot be read is told and taken for the
 * worst that it may say: a call is never allowed as something about it is not understood.
 */
export function readFacts(
  number: unknown,
  kind: unknown,
  context: Record<string, unknown>,
  { zones, rules, at }: Place,
  warn: Warn,
): Facts {
  for (const key of Object.keys(context))
    if (!contextKeys.includes(key)) warn(`context "${key}" is unknown and was not considered`);

  const flag = (key: string): boolean | undefined => {
    const value = context[key] ?? undefined;
    if (value === undefined || typeof value === 'boolean') return value;
    warn(`context "${key}" is neither true nor false and was taken for true`);
    return true;
  };
  const day = (key: string, instead: string): DayNumber | 'unread' | undefined => {
    const value = context[key] ?? undefined;
    if (value === undefined) return undefined;
    const found = readDay(value, zones);
    if (found === null) warn(`context "${key}" is no calendar date YYYY-MM-DD: ${instead}`);
    return found ?? 'unread';
  };
  /** The latest that it may have been. */
  const moment = (value: unknown, key: string): number => {
    const instant = readInstant(value);
    if (instant !== null) return instant;
    warn(`context "${key}" is no instant with its offset and was taken for the latest that it may be`);
    const date = typeof value === 'string' ? parsedDay(value) : null;
    return date === null ? at : Math.min(at, lastMoment(date, zones));
  };
  const instant = (key: string): number | undefined =>
    context[key] == null ? undefined : moment(context[key], key);

  const scrubbedOn = day('dnc_scrubbed_on', 'the number counts as not compared');
  const boughtOn = day('last_transaction_on', 'it was left out');
  const askedOn = day('last_inquiry_on', 'it was left out');
  const consents = readConsents(context, rules, warn);
  const automated = readKind(kind, warn);
  return {
    ...automated,
    numberValid: typeof number === 'string' && isDialable(number),
    dncInternal: flag('dnc_internal'),
    dncNational: flag('dnc_national'),
    dncScrubbedOn: scrubbedOn === 'unread' ? undefined : scrubbedOn,
    dncUncovered: scrubbedOn === 'unread',
    ...consents,
    requiresConsent: flag('requires_consent') || consents.requiresConsent,
    requiresWrittenConsent: flag('requires_pewc'),
    reassigned: readReassigned(context.rnd, warn),
    emergencyActive: flag('emergency_active'),
    abandonment: readAbandonment(context.abandon_30d, warn),
    destinationBlocked: flag('carrier_blocked_region'),
    lastTransactionOn: boughtOn === 'unread' ? undefined : boughtOn,
    lastInquiryOn: askedOn === 'unread' ? undefined : askedOn,
    attempts: readAttempts(context.attempts, rules, at, moment, warn),
    conversationAt: instant('conversation_at'),
    refusedAt: instant('refused_at'),
    lastAbandonedAt: instant('last_abandoned_at'),
  };
}

function readKind(kind: unknown, warn: Warn): Pick<Facts, 'kind' | 'automated'> {
  if (typeof kind === 'string' && knownKinds.test(kind)) return { kind };
  warn('campaign_kind is unknown and was taken for one that sells and dials by machine');
  return { kind: 'automated_telemarketing', automated: true };
}

function readConsents(
  context: Record<string, unknown>,
  rules: readonly RuleSet[],
  warn: Warn,
): Pick<Facts, 'consent' | 'extraConsents' | 'requiresConsent'> {
  const { consent, extra_consents: extra } = context;
  const isRead = consent == null || typeof consent === 'string';
  if (!isRead) warn('context "consent" is no word: one is asked for, and none was read');
  const others: unknown[] = extra == null ? [] : Array.isArray(extra) ? extra : [extra];
  const words = [...(isRead && consent != null ? [consent] : []), ...others].flatMap((word) => {
    if (typeof word === 'string') return word.trim().toLowerCase();
    warn('a word of context "extra_consents" cannot be read and was left out');
    return [];
  });
  const named = new Set<string>(['none', 'revoked', ...consentKinds]);
  for (const { consentOk, waivedBy } of rules)
    for (const kind of [...consentOk, ...waivedBy]) named.add(kind);
  const kinds = words.filter((word) => {
    if (!named.has(word) && !takenBack.test(word))
      warn(`consent "${word}" is unknown and was taken for none`);
    return named.has(word);
  });
  if (words.some((word) => word === 'revoked' || (!named.has(word) && takenBack.test(word))))
    return { consent: 'revoked' };
  if (!isRead) return { requiresConsent: true };
  const [first, ...rest] = kinds;
  return { consent: first, extraConsents: rest };
}

/** The database of reassigned numbers says yes, no, or that it has no data. */
function readReassigned(rnd: unknown, warn: Warn): boolean {
  if (rnd == null || rnd === false) return false;
  const word = typeof rnd === 'string' ? rnd.trim().toLowerCase() : '';
  if (['no', 'no_data', 'no data', 'none'].includes(word)) return false;
  if (word !== 'yes') warn('context "rnd" is unknown and was taken for yes');
  return true;
}

function readAbandonment(value: unknown, warn: Warn): Facts['abandonment'] {
  if (value == null) return undefined;
  const [abandoned, live, ...more] = Array.isArray(value) ? (value as unknown[]) : [];
  if (isCount(abandoned) && isCount(live) && abandoned <= live && more.length === 0)
    return { abandoned, connected: live - abandoned };
  warn('context "abandon_30d" is not [abandoned, live answers]: the cap counts as exceeded');
  return { abandoned: 1, connected: 0 };
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

function readAttempts(
  value: unknown,
  rules: readonly RuleSet[],
  at: number,
  moment: (value: unknown, key: string) => number,
  warn: Warn,
): readonly number[] | undefined {
  if (value == null) return undefined;
  if (Array.isArray(value)) return value.map((one) => moment(one, 'attempts'));
  if (typeof value === 'string') return [moment(value, 'attempts')];
  warn('context "attempts" is no list of instants: no cap counts as kept');
  const most = Math.max(7, ...rules.flatMap(({ frequency }) => frequency.map((rule) => ('max' in rule ? rule.max : 0)))); // prettier-ignore
  return Array.from({ length: most }, () => at);
}

/** A date, or the earliest that an instant has in any of the zones. */
function readDay(value: unknown, zones: readonly ZoneRules[]): DayNumber | null {
  if (typeof value !== 'string') return null;
  const instant = readInstant(value);
  return instant === null ? parsedDay(value) : earliestDay(zones, instant);
}

function parsedDay(text: string): DayNumber | null {
  try {
    return parseDay(text.trim());
  } catch {
    return null;
  }
}

function lastMoment(day: DayNumber, zones: readonly ZoneRules[]): number {
  const end = (day + 1) * dayMs - 1;
  return Math.max(
    ...zones.map((zone) => end - zone.offsetAt(end)),
    zones.length === 0 ? end + dayMs : -Infinity,
  );
}
