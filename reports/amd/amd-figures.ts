import {
  checksOf,
  hiddenPeople,
  leastChecks,
  machineErrors,
  nothingHeard,
  z99,
  type HeardByHour,
  type MachineErrors,
} from '../../campaigns/compliance/index.ts';

/** What detection made of calls, what agents found there, and what it cost. */
export interface AmdCounts extends HeardByHour {
  /** Milliseconds that agents spent on machines that were taken for persons, and in checks. */
  readonly missedMs: number;
  readonly checkMs: number;
  /** Milliseconds that detection listened to those that it took for persons. */
  readonly listenedMs: number;
}

export const noAmdCounts: AmdCounts = { ...nothingHeard, missedMs: 0, checkMs: 0, listenedMs: 0 };

/** Of a thousand people who pick up, so many are hung up on: those who are checked are not. */
export function hungUpOnPerThousand(
  { machines, checked }: AmdCounts,
  { falsePositive }: MachineErrors,
): number | null {
  if (!falsePositive) return null;
  return machines === 0 ? 0 : 1_000 * falsePositive.rate * ((machines - checked) / machines);
}

/**
 * Certainly more than may be: the lower bound of the 99 % interval is above the limit. It is looked at every minute, and
 * of intervals of 95 % one would sooner or later be wrong: in simulated campaigns whose rate was exactly at the limit, a
 * thousand checks long, 24 of 100 were switched off by those, and 8 by these; at two thirds of it 3 of 100, and none.
 * Checks whose weights differ tell less than as many equal ones: the interval is wider for it.
 */
export function isCertainlyOver(counts: AmdCounts, limit: number): boolean {
  if (checksOf(counts) < leastChecks) return false;
  const { falsePositive } = machineErrors(counts, z99);
  return falsePositive !== null && falsePositive.low > limit;
}

/** Of the checks, how many with one chance for all calls would tell as much; equal where there was one. */
export const checksWorth = (counts: HeardByHour): number => Math.round(hiddenPeople(counts).effective);
