import type { Verdict } from '../../campaigns/compliance/index.ts';

/** For so long the facts of a verdict are taken for those of the moment. */
const freshForMs = 3_000;
/** From the last look at the clock until the switch has passed the call on to the trunk. */
const leavesWithinMs = 200;

/** Before this instant a call may be given to the switch on a verdict that allows it. */
export function mayLeaveUntil({ at, goodUntil }: Verdict): number {
  return Math.min(at + freshForMs, goodUntil - leavesWithinMs);
}

/** Its facts are too old, whatever the clock says. */
export const isStale = ({ at }: Verdict, now: number): boolean => now >= at + freshForMs;
