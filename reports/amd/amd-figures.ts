/** What detection made of calls, and what agents found there. */
export interface AmdCounts {
  /** Taken for persons, or not told apart: they went to an agent. */
  readonly passed: number;
  /** Of those, as agents said. */
  readonly passedPersons: number;
  readonly passedMachines: number;
  /** Taken for machines. */
  readonly machines: number;
  /** Of those, given to an agent to see whether they are. */
  readonly checked: number;
  readonly checkedPersons: number;
  readonly checkedMachines: number;
  /** Milliseconds that agents spent on machines that were taken for persons, and in checks. */
  readonly missedMs: number;
  readonly checkMs: number;
  /** Milliseconds that detection listened to those that it took for persons. */
  readonly listenedMs: number;
}

export const noAmdCounts: AmdCounts = {
  ...{ passed: 0, passedPersons: 0, passedMachines: 0 },
  ...{ machines: 0, checked: 0, checkedPersons: 0, checkedMachines: 0 },
  ...{ missedMs: 0, checkMs: 0, listenedMs: 0 },
};

/** A share between 0 and 1 with the interval that holds the true one with the confidence asked for. */
export interface Measured {
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

export interface AmdFigures {
  /** Of the people who pick up: taken for machines. Null: too little is known. */
  readonly falsePositive: Measured | null;
  /** Of the machines that pick up: taken for people. */
  readonly falseNegative: Measured | null;
}

/** Standard normal quantiles of two-sided intervals. */
export const z95 = 1.959964;
export const z99 = 2.575829;

/**
 * Of `successes` among `trials`. Wilson (1927), "Probable inference, the law of succession, and statistical inference",
 * J. Am. Stat. Assoc. 22: right also for few trials and shares near 0, where the usual one is not.
 */
export function wilson(successes: number, trials: number, z = z95): Measured {
  if (trials === 0) return { rate: 0, low: 0, high: 1 };
  const rate = successes / trials;
  const scale = 1 + z ** 2 / trials;
  const middle = (rate + z ** 2 / (2 * trials)) / scale;
  const half = (z * Math.sqrt((rate * (1 - rate)) / trials + z ** 2 / (4 * trials ** 2))) / scale;
  return { rate, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/**
 * Both rates rest on two samples: of those taken for persons all that an agent has said something of, and of those taken
 * for machines the checks. Each says which share of its kind are people; the kinds are counted in full. Their two Wilson
 * intervals are put together at their worst, so that the interval is never too narrow.
 */
export function amdFigures(counts: AmdCounts, z = z95): AmdFigures {
  const { passed, passedPersons, passedMachines, machines, checkedPersons, checkedMachines } = counts;
  const known =
    passedPersons + passedMachines > 0 && (machines === 0 || checkedPersons + checkedMachines > 0);
  if (!known) return { falsePositive: null, falseNegative: null };
  const people = wilson(passedPersons, passedPersons + passedMachines, z);
  const hidden = wilson(checkedPersons, checkedPersons + checkedMachines, z);
  const wrongly = (lost: number, right: number) => shareOf(machines * lost, passed * right);
  const passedOn = (missed: number, right: number) => shareOf(passed * missed, machines * right);
  return {
    falsePositive: measured(
      wrongly(hidden.rate, people.rate),
      wrongly(hidden.low, people.high),
      wrongly(hidden.high, people.low),
    ),
    falseNegative: measured(
      passedOn(1 - people.rate, 1 - hidden.rate),
      passedOn(1 - people.high, 1 - hidden.low),
      passedOn(1 - people.low, 1 - hidden.high),
    ),
  };
}

function shareOf(part: number, rest: number): number | null {
  return part + rest > 0 ? part / (part + rest) : null;
}

function measured(rate: number | null, low: number | null, high: number | null): Measured | null {
  return rate === null ? null : { rate, low: low ?? 0, high: high ?? 1 };
}

/** Of a thousand people who pick up, so many are hung up on: those who are checked are not. */
export function hungUpOnPerThousand(counts: AmdCounts, { falsePositive }: AmdFigures): number | null {
  if (!falsePositive) return null;
  const { machines, checked } = counts;
  return machines === 0 ? 0 : 1_000 * falsePositive.rate * ((machines - checked) / machines);
}

/** Below so many checks nobody is certain of anything. */
export const leastChecks = 30;

/**
 * Certainly more than may be: the lower bound of the 99 % interval is above the limit. It is looked at every minute, and
 * of intervals of 95 % one would sooner or later be wrong: in simulated campaigns whose rate was exactly at the limit, a
 * thousand checks long, 24 of 100 were switched off by those, and 8 by these; at two thirds of it 3 of 100, and none.
 */
export function isCertainlyOver(counts: AmdCounts, limit: number): boolean {
  if (counts.checkedPersons + counts.checkedMachines < leastChecks) return false;
  const { falsePositive } = amdFigures(counts, z99);
  return falsePositive !== null && falsePositive.low > limit;
}
