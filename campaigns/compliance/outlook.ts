import type { Outlook } from './gate.ts';
import { blockReasons, type ReasonCode } from './reason.ts';
import type { Decision } from './rules/evaluate.ts';

/** Stand for no time that anybody knows, and not for good: other than the lead has to change. */
export const passing: ReadonlySet<ReasonCode> = new Set([
  'FACTS_UNAVAILABLE',
  'DNC_SCRUB_STALE',
  'EMERGENCY_SUPPRESSION',
  'ABANDON_RATE_EXCEEDED',
]);

export function outlookOf({ decision, reasonCode, nextAllowedAt, standsThen }: Decision): Outlook {
  if (decision === 'allow') return 'clear';
  if (nextAllowedAt !== null) return 'later';
  return passing.has(standsThen ?? reasonCode) ? 'uncertain' : 'never';
}

const standing: ReadonlySet<ReasonCode> = new Set(
  blockReasons.slice(0, blockReasons.indexOf('FREQ_CAP_ROLLING')),
);

/** A ground that neither time nor anybody's decision cures, for those who look at many instants. */
export function isForGood(reason: ReasonCode): boolean {
  return standing.has(reason) && !passing.has(reason);
}
