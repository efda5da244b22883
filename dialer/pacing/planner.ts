import { solvingPlan, type Plan, type PlanModel } from './plan.ts';

/** Plans kept, newest use last; a plan is some ten kilobytes. A forecast asks for those of many head counts in turn. */
const KEPT = 400;
/** States worked on for each second that has passed, and the least and most at one event: some tenths of a millisecond. */
const STATES_A_SECOND = 100_000;
const LEAST = 2_000;
const MOST = 30_000;

/** Solved plans by model: the answer to a pure question, so it may be shared by every pacer of the process. */
const solved = new Map<string, Plan>();

/** What the floor looks like now. */
export interface PlannedFloor {
  agents: number;
  handleSeconds: number;
  ringSeconds: number;
  answerProbability: number;
  cap: number;
  graceMs: number;
}

interface Solving {
  key: string;
  model: PlanModel;
  solving: Generator<number, Plan> | null;
  worked: number;
  allowed: number;
}

/**
 * Solves the plan for the floor a little at each event, so that no event takes long. A new plan comes into force after the
 * same events whether it was solved here or had been solved before: the same events give the same decisions.
 */
export class Planner {
  #plan: Plan | null = null;
  #key = '';
  #next: Solving | null = null;
  #at = Number.NaN;

  get plan(): Plan | null {
    return this.#plan;
  }

  ask(floor: PlannedFloor): void {
    const model = onGrid(floor);
    const key = keyOf(model);
    // What is being solved is solved to its end, or a floor that changes all the time would never have a plan.
    if (key !== this.#key && !this.#next) this.#next = { key, model, solving: null, worked: 0, allowed: 0 };
  }

  /** Works on; `at` is the time of the event that came. */
  work(at: number): void {
    const seconds = Math.max(0, at - this.#at) / 1000;
    this.#at = at;
    const next = this.#next;
    if (!next) return;
    next.allowed += Math.min(MOST, Math.max(LEAST, (seconds || 0) * STATES_A_SECOND));
    const known = solved.get(next.key);
    const plan = known ? (next.allowed > known.work ? known : null) : this.#solve(next);
    if (!plan) return;
    keep(next.key, plan);
    this.#plan = plan;
    this.#key = next.key;
    this.#next = null;
  }

  #solve(next: Solving): Plan | null {
    next.solving ??= solvingPlan(next.model);
    while (next.worked < next.allowed) {
      const step = next.solving.next();
      if (step.done) return step.value;
      next.worked += step.value;
    }
    return null;
  }
}

function keep(key: string, plan: Plan): void {
  solved.delete(key);
  solved.set(key, plan);
  if (solved.size > KEPT) solved.delete(solved.keys().next().value!);
}

/**
 * The nearest model of a grid: agents to 6 %, handle time to 12 %, answer probability to 10 %. Orders are in expected
 * answers, which makes the plan of the nearest model as good as the plan of the very one.
 */
function onGrid(floor: PlannedFloor): PlanModel {
  const { agents, handleSeconds, ringSeconds, answerProbability, cap, graceMs } = floor;
  return {
    agents: Math.max(1, Math.round(nearest(Math.max(1, agents), agents <= 12 ? 0.001 : 0.06))),
    handle: nearest(Math.min(400, Math.max(0.5, handleSeconds / ringSeconds)), 0.12),
    answerProbability: Math.min(1, nearest(Math.min(1, Math.max(0.05, answerProbability)), 0.1)),
    cap,
    grace: Math.min(1, Math.round((10 * graceMs) / 1000 / ringSeconds) / 10),
  };
}

const nearest = (value: number, step: number): number => Math.exp(Math.round(Math.log(value) / step) * step);

const keyOf = ({ agents, handle, answerProbability, cap, grace }: PlanModel): string =>
  `${agents}|${handle}|${answerProbability}|${cap}|${grace}`;
