/**
 * Why a call may not be made. The order is the order of precedence: of several grounds the first is the answer.
 * Codes with a figure are those of the law that is known by it; a rule with another figure has the code without.
 * The texts are in the locales under `compliance:reason.<code>`.
 */
export const blockReasons = [
  'FACTS_UNAVAILABLE',
  'NUMBER_INVALID',
  'DNC_INTERNAL',
  'CONSENT_REVOKED',
  'DNC_NATIONAL',
  'DNC_SCRUB_STALE',
  'CONSENT_MISSING',
  'NUMBER_REASSIGNED',
  'EMERGENCY_SUPPRESSION',
  'ABANDON_RATE_EXCEEDED',
  'DESTINATION_NOT_PERMITTED',
  'ZONE_UNRESOLVED',
  'ATTEMPTS_EXHAUSTED',
  'FREQ_CAP_ROLLING',
  'FREQ_CAP_DAY',
  'FREQ_CAP_WEEK',
  'FREQ_CAP_30D',
  'FREQ_CAP_DAYS',
  'FREQ_CAP_7IN7',
  'CONVERSATION_COOLDOWN_7D',
  'REFUSAL_COOLDOWN_60D',
  'REFUSAL_COOLDOWN',
  'ABANDON_RETRY_72H',
  'ABANDON_RETRY',
  'HOLIDAY_PROHIBITED',
  'DAY_PROHIBITED',
  'TIME_AFTER_CLOSE',
  'TIME_BETWEEN_WINDOWS',
  'TIME_BEFORE_OPEN',
] as const;

export type BlockReason = (typeof blockReasons)[number];
export type ReasonCode = 'OK' | BlockReason;

const rank = new Map<string, number>(blockReasons.map((reason, index) => [reason, index]));

/** Negative when `a` takes precedence over `b`. */
export function byPrecedence(a: BlockReason, b: BlockReason): number {
  return (rank.get(a) ?? 0) - (rank.get(b) ?? 0);
}
