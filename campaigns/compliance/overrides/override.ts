import { z } from 'zod';
import type { KnownFacts } from '../gate-facts.ts';
import type { GatePath, GateRequest } from '../gate.ts';
import type { ReasonCode } from '../reason.ts';
import type { Decision } from '../rules/evaluate.ts';

/** Leave for one call, by an agent's hand, to a number that hours or counts forbid at the moment. */
export interface Override {
  readonly id: number;
  readonly e164: string;
  /** Why it was granted, in somebody's words. */
  readonly reason: string;
  /** What the gate said when it was asked for. */
  readonly reasonCode: ReasonCode;
  readonly grantedBy: number;
  readonly grantedAt: number;
  readonly expiresAt: number;
  readonly usedAt: number | null;
  readonly callId: string | null;
  /** What the gate would have said of the call that used it. */
  readonly usedReasonCode: ReasonCode | null;
  readonly withdrawnAt: number | null;
  readonly withdrawnBy: number | null;
}

/**
 * What may be overridden: hours, days and counts, which a customer can ask to be called beyond. Lists, consents,
 * emergencies, zones and the abandon rate never.
 */
const overridable: ReadonlySet<ReasonCode> = new Set([
  'ATTEMPTS_EXHAUSTED',
  'FREQ_CAP_ROLLING',
  'FREQ_CAP_DAY',
  'FREQ_CAP_WEEK',
  'FREQ_CAP_30D',
  'ABANDON_RETRY_72H',
  'HOLIDAY_PROHIBITED',
  'DAY_PROHIBITED',
  'TIME_AFTER_CLOSE',
  'TIME_BETWEEN_WINDOWS',
  'TIME_BEFORE_OPEN',
]);

/** Ways on which a person decides about the one call. */
const byHand: ReadonlySet<GatePath> = new Set(['manual', 'callback', 'preview']);

export function isOverridable(reasonCode: ReasonCode): boolean {
  return overridable.has(reasonCode);
}

export const overrideReason = z.string().trim().min(10).max(255);
/** A leave that nobody used is none for the next day. */
export const overrideHoldsMs = 24 * 3_600_000;

/** The override that lets this call through, or null. */
export function overrideFor(
  { path }: GateRequest,
  { override }: Pick<KnownFacts, 'override'>,
  { decision, reasonCode }: Decision,
): Override | null {
  if (decision === 'allow' || !override || !byHand.has(path)) return null;
  return isOverridable(reasonCode) ? override : null;
}
