import { AccountPrices } from './account.ts';
import { ordersOf, sweep, type Process, type Values } from './decision-process.ts';
import { linesSafeFor } from './guard.ts';
import { PRICES, TOP_RUNG } from './ladder.ts';

/**
 * The plan: how many live answers should be on their way at each count of free agents, for a ladder of prices of an
 * abandoned call. Each rung is the optimal policy of the Markov decision process
 *
 *   state    (i free agents, r lines ringing); i < 0: live answers wait
 *   events   a line ends at rate 1 (time is counted in ring times), answered with probability p;
 *            a busy agent becomes free at rate 1/handle; a waiting answer gives up at rate 1/grace
 *   control  lines may be added at any moment, never taken back, nor beyond what the guard lets ring
 *   reward   busy agents − price · (abandoned − cap · answers)
 *
 * Orders are kept in expected answers, not lines, so that lines that differ in their chance of an answer can be added up.
 * Small floors are solved for several depths of the account, since there the guard is what binds.
 */
export interface PlanModel {
  agents: number;
  /** Mean talk and wrap-up, in mean ring times. */
  handle: number;
  answerProbability: number;
  cap: number;
  /** Answer grace, in mean ring times. */
  grace: number;
}

export interface Plan {
  readonly model: PlanModel;
  /** Rung of the ladder whose price brings abandonment to the cap in the model. */
  readonly fairRung: number;
  /** False when even the optimal policy rings one line for each free agent, and no more. */
  readonly overdials: boolean;
  /** What calls in the account are worth. */
  readonly account: AccountPrices;
  /** Share of time that agents are busy at the fair price. */
  readonly utilization: number;
  /** States worked on while solving: the same for the same model. */
  readonly work: number;
  /**
   * Expected answers that should be on their way with `idle` free agents, on a rung between 0 and `TOP_RUNG`, when the
   * account bears `depth` abandoned calls at once.
   */
  order(idle: number, rung: number, depth?: number): number;
}

/** Agents becoming free in a ring time: above this, the plan of a smaller floor is scaled up. */
const MOST_LOAD = 8;
/** Orders grow with the load to this power (measured between loads of 8 and 33). */
const SCALE_POWER = 0.7;
/** Up to this load the guard binds often enough to be part of the model. */
const SMALL_LOAD = 1.7;
const SMALL_DEPTHS = [Number.POSITIVE_INFINITY, 5, 3, 2, 1];

/**
 * The answer probability to solve for. Orders are in answers, so a floor hardly notices a likelier answer per line once
 * many are on their way; the fewer lines to count, the faster the sweeps.
 */
function solvableProbability(probability: number, load: number): number {
  const least = load <= 4 ? 0.1 : 0.2;
  return Math.min(1, Math.max(least, probability));
}

interface Depth {
  depth: number;
  gains: number[];
  orders: Float64Array[];
}

/** Solves the plan at one go. Pure; costs between one and some tens of milliseconds. */
export function solvePlan(model: PlanModel): Plan {
  const solving = solvingPlan(model);
  for (;;) {
    const step = solving.next();
    if (step.done) return step.value;
  }
}

/** Solves the plan bit by bit; yields the states it has worked on. */
export function* solvingPlan(model: PlanModel): Generator<number, Plan> {
  const load = model.agents / model.handle;
  const probability = solvableProbability(model.answerProbability, load);
  const agents = load > MOST_LOAD ? Math.max(1, Math.round(MOST_LOAD * model.handle)) : model.agents;
  const solvedLoad = agents / model.handle;
  const mostIdle = Math.min(agents, Math.ceil(6 + 2 * solvedLoad));
  const patient = model.grace > 0 ? Math.min(14, 2 + Math.ceil(2 * solvedLoad * model.grace)) : 0;
  const rows = mostIdle + patient + 1;
  const mostLines = Math.ceil((1.5 * mostIdle + solvedLoad + 3) / probability);
  let work = 0;
  const depths: Depth[] = [];
  // The deepest first, each price from the one before; shallower ones start from what is known one depth deeper.
  const known: { columns: number; values: Values }[] = [];
  for (const depth of load <= SMALL_LOAD ? SMALL_DEPTHS : [Number.POSITIVE_INFINITY]) {
    const limits = Int16Array.from({ length: rows }, (_, row) =>
      linesSafeFor(Math.max(0, row - patient + depth), probability, mostLines),
    );
    const columns = limits.at(-1)! + 1;
    const { handle, cap, grace } = model;
    const process: Process = { agents, handle, grace, probability, cap, rows, columns, patient, limits };
    const solved: Depth = { depth, gains: [], orders: [] };
    for (const [rung, price] of PRICES.entries()) {
      const from = known[rung] ?? known[rung - 1];
      const values: Values = {
        relative: new Float64Array(rows * columns),
        after: new Float64Array(rows * columns),
        gain: from?.values.gain ?? agents * 0.9,
      };
      for (let row = 0; from && row < rows; row++)
        for (let r = 0; r < columns; r++)
          values.relative[row * columns + r] = from.values.relative[row * from.columns + r]!;
      for (const part of sweep(process, price, values)) {
        work += part;
        yield part;
      }
      known[rung] = { columns, values };
      solved.gains.push(values.gain);
      solved.orders.push(ordersOf(process, values.after));
    }
    depths.unshift(solved);
  }
  const deepest = depths.at(-1)!;
  const fair = fairRung(deepest.gains);
  const fairGain = Math.min(...deepest.gains);
  const account = new AccountPrices();
  for (const part of account.solve({
    cap: model.cap,
    answers: fairGain / model.handle,
    steadyGain: (agents * model.handle) / (model.handle + 1 / probability),
    depths,
  })) {
    work += part;
    yield part;
  }
  const scale = load > solvedLoad ? (load / solvedLoad) ** SCALE_POWER : 1;
  const atFair = deepest.orders[Math.round(fair)]!;
  return {
    model,
    fairRung: fair,
    overdials: atFair.some((answers, idle) => idle > 0 && answers > (idle + 0.5) * probability),
    account,
    utilization: fairGain / agents,
    work,
    order(idle, rung, depth = Number.POSITIVE_INFINITY) {
      const at = Number.isNaN(rung) ? fair : rung;
      const low = Math.min(TOP_RUNG - 1, Math.max(0, Math.floor(at)));
      const part = Math.min(1, Math.max(0, at - low));
      let { orders } = depths[0]!;
      for (const one of depths) if (one.depth <= depth) ({ orders } = one);
      const wanted = (1 - part) * read(orders[low]!, idle) + part * read(orders[low + 1]!, idle);
      return scale * wanted;
    },
  };
}

/** Linear between whole agents; beyond the solved range one more answer for each more agent. */
function read(order: Float64Array, idle: number): number {
  const last = order.length - 1;
  if (idle <= 0) return order[0]! + Math.max(-1, idle) * 0.5;
  if (idle >= last)
    return order[last]! + (idle - last) * Math.max(1, last > 0 ? order[last]! - order[last - 1]! : 1);
  const low = Math.floor(idle);
  return order[low]! + (idle - low) * (order[low + 1]! - order[low]!);
}

/** The least of the gains over the ladder (the dual of the capped problem), between rungs by a parabola. */
function fairRung(gains: readonly number[]): number {
  let best = 0;
  gains.forEach((gain, rung) => {
    if (gain < gains[best]!) best = rung;
  });
  if (best === 0 || best === gains.length - 1) return best;
  const left = gains[best - 1]! - gains[best]!;
  const right = gains[best + 1]! - gains[best]!;
  return left + right > 0 ? best + (0.5 * (left - right)) / (left + right) : best;
}
