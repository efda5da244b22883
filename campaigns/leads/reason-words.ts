import type { Locale, Translate } from '../../core/i18n/index.ts';
import { blockReasons } from '../compliance/reason.ts';
import type { Disposition } from '../dispositions/index.ts';
import { optedOutReason } from './block-reasons.ts';
import { attemptOutcomes } from './outcome.ts';

const gateReasons = new Set<string>(blockReasons);
const outcomes = new Set<string>(attemptOutcomes);
/** Reasons of our own; words in `campaigns:leadReasons.<code>`. */
const own = new Set([
  'no-phone',
  'max-attempts',
  'filtered',
  'quota-met',
  'attempts-per-number',
  'list-removed',
  'recycled',
  'skipped',
  'in-call',
  'callback',
  'callback-cancelled',
  optedOutReason,
]);

/** Why a lead is in its state, in words: a rule of the gate, an outcome, a disposition, or a reason of our own. */
export function reasonWords(
  reason: string | null,
  t: Translate,
  locale: Locale,
  dispositions: readonly Disposition[],
): string {
  if (!reason) return '';
  if (gateReasons.has(reason)) return t(`compliance:reason.${reason}`);
  if (outcomes.has(reason)) return t(`crm:outcomes.${reason}`);
  if (own.has(reason)) return t(`campaigns:leadReasons.${reason}`);
  return dispositions.find(({ code }) => code === reason)?.names[locale] ?? reason;
}
