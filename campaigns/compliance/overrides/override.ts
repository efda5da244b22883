import { z } from 'zod';
import type { KnownFacts } from '../gate-facts.ts';
import type { GatePath, GateRequest } from '../gate.ts';
import type { BlockReason, ReasonCode } from '../reason.ts';

/** Leave for one call, by an agent's hand, to a number that hours or counts forbid at the moment. */
export interface Override {
  readonly id: number;
  readonly e164: string;
  /** The campaign it was asked for; null: calls of none. */
  readonly campaignId: number | null;
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
  'FREQ_CAP_DAYS',
  'ABANDON_RETRY_72H',
  'ABANDON_RETRY',
  'HOLIDAY_PROHIBITED',
  'DAY_PROHIBITED',
  'TIME_AFTER_CLOSE',
  'TIME_BETWEEN_WINDOWS',
  'TIME_BEFORE_OPEN',
]);

/** Ways on which a person decides about the one call. */
const byHand: ReadonlySet<GatePath> = new Set(['manual', 'callback', 'preview']);

/** Of all that stands against a call, what no leave reaches; null: a leave lets it through. */
export function beyondOverride(grounds: readonly BlockReason[]): BlockReason | null {
  return grounds.find((reason) => !overridable.has(reason)) ?? null;
}

export function isByHand({ path }: Pick<GateRequest, 'path'>): boolean {
  return byHand.has(path);
}

export const overrideReason = z.string().trim().min(10).max(255);
/** A leave that nobody used is none for the next day. */
export const overrideHoldsMs = 24 * 3_600_000;

/** The override that lets this call through, or null. The strongest ground may hide others, and all of them count. */
export function overrideFor(
  request: Pick<GateRequest, 'path'>,
  { override }: Pick<KnownFacts, 'override'>,
  grounds: readonly BlockReason[],
): Override | null {
  if (grounds.length === 0 || !override || !isByHand(request)) return null;
  return beyondOverride(grounds) === null ? override : null;
}
