/** A floor as a Markov decision process, and its solution by Gauss–Seidel sweeps over the relative values. */
export interface Process {
  agents: number;
  /** Mean talk and wrap-up, and answer grace, in mean ring times. */
  handle: number;
  grace: number;
  probability: number;
  cap: number;
  rows: number;
  columns: number;
  /** Rows below zero free agents: answers that wait. */
  patient: number;
  /** Most lines that may be brought to ring, by row. */
  limits: Int16Array;
}

/** Values of all states, carried from one price to the next. */
export interface Values {
  relative: Float64Array;
  /** The value right after a decision that leaves so many lines ringing. */
  after: Float64Array;
  gain: number;
}

const MAX_SWEEPS = 300;
const TOLERANCE = 5e-3;

/** Sweeps until the values of `price` stand still; yields the states it has worked on, row by row. */
export function* sweep(process: Process, price: number, state: Values): Generator<number, void> {
  const { agents, rows, columns, patient, probability, limits } = process;
  const { relative: values, after } = state;
  const freeing = 1 / process.handle;
  const giveUp = process.grace > 0 ? 1 / process.grace : 0;
  const reference = (Math.min(1, rows - 1 - patient) + patient) * columns + Math.min(3, columns - 1);
  const step = 0.5 / (1 / (agents * freeing) + 0.5);
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
      const limit = limits[row]!;
      const fixed = busy - state.gain - renege * price;
      const answer = price * process.cap - (row === 0 ? price : 0);
      let fewer = 0;
      for (let r = 0; r < columns; r++) {
        let value = fixed + up * values[above + r]!;
        if (r > 0) value += r * (probability * (values[below + r - 1]! + answer) + (1 - probability) * fewer);
        const rate = r + up;
        const now = rate > 0 ? value / rate : -1e9;
        after[base + r] = now;
        fewer = r < limit && r + 1 < columns ? Math.max(now, values[base + r + 1]!) : now;
      }
      let best = Number.NEGATIVE_INFINITY;
      for (let r = columns - 1; r >= 0; r--) {
        const own = after[base + r]!;
        if (r > limit) best = own;
        else if (r === limit || own > best) best = own;
        const change = best - values[base + r]!;
        if (change < least) least = change;
        if (change > most) most = change;
        values[base + r] = best;
      }
      yield columns;
    }
    const drift = values[reference]!;
    for (let cell = 0; cell < values.length; cell++) values[cell]! -= drift;
    state.gain += step * drift;
    if (most - least < TOLERANCE && Math.abs(drift) < TOLERANCE) return;
  }
}

/** For each count of free agents the order, read between whole lines where one line more stops to pay. */
export function ordersOf(process: Process, after: Float64Array): Float64Array {
  const { columns, patient, rows, probability } = process;
  const order = new Float64Array(rows - patient);
  for (let idle = 0; idle < order.length; idle++) {
    const base = (idle + patient) * columns;
    const limit = Math.min(columns - 1, process.limits[idle + patient]!);
    let best = 0;
    for (let r = 1; r <= limit; r++) if (after[base + r]! > after[base + best]!) best = r;
    let lines = best;
    if (best > 0 && best < limit) {
      const gained = after[base + best]! - after[base + best - 1]!;
      const lost = after[base + best]! - after[base + best + 1]!;
      if (gained + lost > 0) lines = best - 0.5 + gained / (gained + lost);
    }
    order[idle] = Math.max(lines * probability, idle > 0 ? order[idle - 1]! : 0);
  }
  return order;
}
