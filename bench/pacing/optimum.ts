import { Tally } from './peers/tally.ts';

/** A floor of the textbook: exponential handle and ring times, no patience, calls cannot be taken back. */
export interface Textbook {
  agents: number;
  handle: number;
  ring: number;
  answerProbability: number;
  cap: number;
}

export interface Optimum {
  /** Share of time that agents are busy under the cap. */
  utilization: number;
  /** Seconds of talk that an abandoned call costs, at which the cap is met. */
  price: number;
  /** Lines that ring at each count of free agents under the optimal policy at that price. */
  order: number[];
}

/**
 * The constrained Markov decision process, by its dual: at each price of an abandoned call the unconstrained optimum is
 * found by relative value iteration (Gauss–Seidel); its gain, with `cap` of the price handed back for each answer, bounds
 * what any policy under the cap can reach, and the least bound over all prices is reached by a mixture of two policies.
 */
export function solveOptimum(book: Textbook): Optimum {
  const gain = (logPrice: number): number => solveAt(book, Math.exp(logPrice)).gain;
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(book.ring / 2);
  let high = Math.log(book.ring * 150);
  let left = high - golden * (high - low);
  let right = low + golden * (high - low);
  let atLeft = gain(left);
  let atRight = gain(right);
  for (let round = 0; round < 13; round++) {
    if (atLeft < atRight) {
      high = right;
      right = left;
      atRight = atLeft;
      left = high - golden * (high - low);
      atLeft = gain(left);
    } else {
      low = left;
      left = right;
      atLeft = atRight;
      right = low + golden * (high - low);
      atRight = gain(right);
    }
  }
  const price = Math.exp((low + high) / 2);
  return {
    utilization: Math.min(atLeft, atRight) / book.agents,
    price,
    order: solveAt(book, price).order,
  };
}

/** Utilization of progressive dialing, any number of agents. */
export const progressiveUtilization = (book: Textbook): number =>
  book.handle / (book.handle + book.ring / book.answerProbability);

function solveAt(book: Textbook, price: number): { gain: number; order: number[] } {
  const { agents, answerProbability: p, cap } = book;
  const freeing = 1 / book.handle;
  const ending = 1 / book.ring;
  const load = (agents * book.ring) / book.handle;
  const rows = Math.min(agents, Math.ceil(10 + 3 * load)) + 1;
  const columns = Math.ceil((1.6 * rows + load + 5) / p) + 1;
  const values = new Float64Array(rows * columns);
  const after = new Float64Array(rows * columns);
  const reference = Math.min(1, rows - 1) * columns + 3;
  const step = 0.5 / (1 / (agents * freeing) + 1 / (2 * ending));
  let gain = agents * 0.9;
  for (let round = 0; round < 3000; round++) {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let idle = rows - 1; idle >= 0; idle--) {
      const base = idle * columns;
      const up = idle < rows - 1 ? (agents - idle) * freeing : 0;
      const reward = price * cap - (idle === 0 ? price : 0);
      const below = idle > 0 ? base - columns : base;
      let fewer = 0;
      for (let r = 0; r < columns; r++) {
        let value = agents - idle - gain;
        if (up > 0) value += up * values[base + columns + r]!;
        if (r > 0) value += r * ending * (p * (values[below + r - 1]! + reward) + (1 - p) * fewer);
        const rate = r * ending + up;
        const now = rate > 0 ? value / rate : -1e9;
        after[base + r] = now;
        fewer = r + 1 < columns ? Math.max(now, values[base + r + 1]!) : now;
      }
      let best = Number.NEGATIVE_INFINITY;
      for (let r = columns - 1; r >= 0; r--) {
        best = Math.max(best, after[base + r]!);
        const change = best - values[base + r]!;
        least = Math.min(least, change);
        most = Math.max(most, change);
        values[base + r] = best;
      }
    }
    const drift = values[reference]!;
    for (let cell = 0; cell < values.length; cell++) values[cell]! -= drift;
    gain += step * drift;
    if (most - least < 1e-5 && Math.abs(drift) < 1e-5) break;
  }
  const order: number[] = [];
  for (let idle = 0; idle < rows; idle++) {
    let best = 0;
    for (let r = 1; r < columns; r++)
      if (after[idle * columns + r]! > after[idle * columns + best]! + 1e-9) best = r;
    order.push(best);
  }
  return { gain, order };
}

/** Dials the optimal policy with the truth in hand: what is best on the textbook floor at `optimum.price`. */
export class Oracle extends Tally {
  #order: number[];

  constructor(order: number[]) {
    super();
    this.#order = order;
  }

  protected override wanted(): number {
    const last = this.#order.length - 1;
    const beyond = Math.max(0, this.idle - last);
    return this.#order[Math.min(this.idle, last)]! + 3 * beyond - this.ringing;
  }
}
