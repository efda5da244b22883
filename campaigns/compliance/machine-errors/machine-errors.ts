import { saidOf, weightedShare, z95, type Cell, type Measured } from './weighted-share.ts';

/** What detection made of calls, and what agents found there. */
export interface Heard {
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
}

/** And the same by hours of the day: whether an agent is free to check a call differs by them, and who picks up does, too. */
export interface HeardByHour extends Heard {
  /** In their order, those without a call left out; not given: at each hour a call had the same chance. */
  readonly hours?: readonly Heard[];
}

export const nothingHeard: Heard = {
  ...{ passed: 0, passedPersons: 0, passedMachines: 0 },
  ...{ machines: 0, checked: 0, checkedPersons: 0, checkedMachines: 0 },
};

export interface MachineErrors {
  /** Of the people who pick up: taken for machines. Null: too little is known. */
  readonly falsePositive: Measured | null;
  /** Of the machines that pick up: taken for people. */
  readonly falseNegative: Measured | null;
}

const passedCell = ({ passed, passedPersons, passedMachines }: Heard): Cell => ({
  ...{ calls: passed, persons: passedPersons, machines: passedMachines },
});
const machineCell = ({ machines, checkedPersons, checkedMachines }: Heard): Cell => ({
  ...{ calls: machines, persons: checkedPersons, machines: checkedMachines },
});

export const checksOf = (heard: Heard): number => saidOf(machineCell(heard));

/** Of those taken for machines, the share that are people; `effective`: as `weightedShare` says. */
export function hiddenPeople(heard: HeardByHour, z = z95) {
  return weightedShare((heard.hours ?? [heard]).map(machineCell), z);
}

/**
 * Both rates rest on two samples: of those taken for persons all that an agent has said something of, and of those taken
 * for machines the checks. Each says which share of its kind are people, its calls weighed by the chance that their hour
 * of the day gave them (`weightedShare`); the kinds are counted in full. Their two intervals are put together at their
 * worst, so that the interval is never too narrow.
 */
export function machineErrors(heard: HeardByHour, z = z95): MachineErrors {
  const { passed, machines } = heard;
  const known = saidOf(passedCell(heard)) > 0 && (machines === 0 || checksOf(heard) > 0);
  if (!known) return { falsePositive: null, falseNegative: null };
  const people = weightedShare((heard.hours ?? [heard]).map(passedCell), z);
  const hidden = hiddenPeople(heard, z);
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

/** Below so many checks nobody is certain of anything. */
export const leastChecks = 30;
