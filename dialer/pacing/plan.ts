/**
 * The plan: how many live answers should be on their way at each count of free agents, for a ladder of prices of an
 * abandoned call. Each rung is the optimal policy of the Markov decision process
 *
 *   state    (i free agents, r lines ringing); i < 0: live answers wait
 *   events   a line ends at rate 1 (time is counted in ring times), answered with probability p;
 *            a busy agent becomes free at rate 1/handle; a waiting answer gives up at rate 1/grace
 *   control  lines may be added at any moment, never taken back
 *   reward   busy agents − price · (abandoned − cap · answers)
 *
 * solved by Gauss–Seidel sweeps over the relative values. Orders are kept in expected answers, not lines, so that
 * lines that differ in their chance of an answer can be added up.
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
  /** Expected answers that should be on their way with `idle` free agents, on a rung between 0 and `TOP_RUNG`. */
  order(idle: number, rung: number): number;
}

/** Prices of an abandoned call in ring times, dearest first. */
const PRICES = [64, 32, 16, 8, 4, 2];
export const TOP_RUNG = PRICES.length - 1;

/** Price on a rung, in ring times of talk. */
export const priceOn = (rung: number): number => PRICES[0]! / 2 ** rung;

/** Agents becoming free in a ring time: above this, the plan of a smaller floor is scaled up. */
const MOST_LOAD = 8;
/** Orders grow with the load to this power (measured between loads of 8 and 33). */
const SCALE_POWER = 0.7;
const MAX_SWEEPS = 300;
const TOLERANCE = 5e-3;

interface Shape {
  agents: number;
  rows: number;
  columns: number;
  patient: number;
}

/**
 * The answer probability to solve for. Orders are in answers, so a floor hardly notices a likelier answer per line once
 * many are on their way; the fewer lines to count, the faster the sweeps.
 */
function solvableProbability(probability: number, load: number): number {
  const least = load <= 4 ? 0.1 : 0.2;
  return Math.min(1, Math.max(least, probability));
}

/** Solves the plan. Pure; costs between one and some tens of milliseconds. */
export function solvePlan(model: PlanModel): Plan {
  const load = model.agents / model.handle;
  const probability = solvableProbability(model.answerProbability, load);
  const agents = load > MOST_LOAD ? Math.max(1, Math.round(MOST_LOAD * model.handle)) : model.agents;
  const solvedLoad = agents / model.handle;
  const mostIdle = Math.min(agents, Math.ceil(6 + 2 * solvedLoad));
  const patient = model.grace > 0 ? Math.min(14, 2 + Math.ceil(2 * solvedLoad * model.grace)) : 0;
  const shape: Shape = {
    agents,
    rows: mostIdle + patient + 1,
    columns: Math.ceil((1.5 * mostIdle + solvedLoad + 3) / probability) + 1,
    patient,
  };
  const values = new Float64Array(shape.rows * shape.columns);
  const after = new Float64Array(shape.rows * shape.columns);
  const gains: number[] = [];
  const orders: Float64Array[] = [];
  let gain = agents * 0.9;
  for (const price of PRICES) {
    gain = sweep(model, probability, price, shape, values, after, gain);
    gains.push(gain);
    orders.push(ordersOf(after, shape, mostIdle, probability));
  }
  const scale = load > solvedLoad ? (load / solvedLoad) ** SCALE_POWER : 1;
  const fair = fairRung(gains);
  const atFair = orders[Math.round(fair)]!;
  return {
    model,
    fairRung: fair,
    overdials: atFair.some((answers, idle) => idle > 0 && answers > (idle + 0.5) * probability),
    order(idle, rung) {
      const at = Number.isNaN(rung) ? fair : rung;
      const low = Math.min(TOP_RUNG - 1, Math.max(0, Math.floor(at)));
      const part = Math.min(1, Math.max(0, at - low));
      const cheap = orders[low + 1]!;
      const dear = orders[low]!;
      const wanted = (1 - part) * read(dear, idle) + part * read(cheap, idle);
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

function sweep(
  model: PlanModel,
  probability: number,
  price: number,
  shape: Shape,
  values: Float64Array,
  after: Float64Array,
  start: number,
): number {
  const { agents, rows, columns, patient } = shape;
  const freeing = 1 / model.handle;
  const giveUp = model.grace > 0 ? 1 / model.grace : 0;
  const reference = (Math.min(1, rows - 1 - patient) + patient) * columns + Math.min(3, columns - 1);
  const step = 0.5 / (1 / (agents * freeing) + 0.5);
  let gain = start;
  for (let round = 0; round < MAX_SWEEPS; round++) {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let row = rows - 1; row >= 0; row--) {
      const idle = row - patient;
      const busy = idle > 0 ? agents - idle : agents;
      const renege = idle < 0 ? -idle * giveUp : 0;
      const up = row < rows - 1 ? busy * freeing + renege : 0;
      const base = row * columns;
      const above = row < rows - 1 ? base + columns : base;
      const below = row > 0 ? base - columns : base;
      const fixed = busy - gain - renege * price;
      const answer = price * model.cap - (row === 0 ? price : 0);
      let fewer = 0;
      for (let r = 0; r < columns; r++) {
        let value = fixed + up * values[above + r]!;
        if (r > 0) value += r * (probability * (values[below + r - 1]! + answer) + (1 - probability) * fewer);
        const rate = r + up;
        const now = rate > 0 ? value / rate : -1e9;
        after[base + r] = now;
        fewer = r + 1 < columns ? Math.max(now, values[base + r + 1]!) : now;
      }
      let best = Number.NEGATIVE_INFINITY;
      for (let r = columns - 1; r >= 0; r--) {
        if (after[base + r]! > best) best = after[base + r]!;
        const change = best - values[base + r]!;
        if (change < least) least = change;
        if (change > most) most = change;
        values[base + r] = best;
      }
    }
    const drift = values[reference]!;
    for (let cell = 0; cell < values.length; cell++) values[cell]! -= drift;
    gain += step * drift;
    if (most - least < TOLERANCE && Math.abs(drift) < TOLERANCE) break;
  }
  return gain;
}

/** For each count of free agents the order, read between whole lines where one line more stops to pay. */
function ordersOf(after: Float64Array, shape: Shape, mostIdle: number, probability: number): Float64Array {
  const { columns, patient } = shape;
  const order = new Float64Array(mostIdle + 1);
  for (let idle = 0; idle <= mostIdle; idle++) {
    const base = (idle + patient) * columns;
    let best = 0;
    for (let r = 1; r < columns; r++) if (after[base + r]! > after[base + best]!) best = r;
    let lines = best;
    if (best > 0 && best < columns - 1) {
      const gained = after[base + best]! - after[base + best - 1]!;
      const lost = after[base + best]! - after[base + best + 1]!;
      if (gained + lost > 0) lines = best - 0.5 + gained / (gained + lost);
    }
    order[idle] = Math.max(lines * probability, idle > 0 ? order[idle - 1]! : 0);
  }
  return order;
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
