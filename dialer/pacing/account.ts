import { PRICES, priceOn, rungOf, TOP_RUNG } from './ladder.ts';

/** What the floor earns, by how many abandoned calls the account bears at once, on each rung of the ladder of prices. */
export interface Earnings {
  cap: number;
  /** Live answers in a ring time. */
  answers: number;
  /** Busy agents with one line for each free agent. */
  steadyGain: number;
  /** Ascending; the last bears any number. Gains are busy agents − price · (abandoned − cap · answers). */
  depths: readonly { depth: number; gains: readonly number[] }[];
}

/** Cells for each call in the account, and how long that fineness is kept: the nearer the close, the more it matters. */
const PHASES = [
  { cells: 8, most: 24, until: 32 },
  { cells: 2, most: 80, until: 512 },
];

/**
 * What an abandoned call is worth at each balance of the account and each distance from the close of dialling. The floor
 * settles within minutes, the account within hours; so the account is a slow decision process of its own on top of the plan's
 * gains G(price), solved backwards from the close in units of calls still to be granted:
 *
 *   −dV/dg = max over prices = (G(V(b) − V(b − 1)) / (cap · answers)) + (slope of V upwards − (V(b) − V(b − 1)))
 *
 * with no overdialling below one call. The price at which to dial is V(b) − V(b − 1) itself.
 */
export class AccountPrices {
  /** One row of rungs by balance for each distance of the ladder, from the close outwards. */
  #rows: { toCome: number; cells: number; rungs: Float64Array }[] = [];

  *solve(earnings: Earnings): Generator<number, void> {
    const { cap, depths } = earnings;
    const rate = cap * earnings.answers;
    if (!(rate > 0)) return;
    const zero = Math.min(...depths.at(-1)!.gains);
    const curves = depths.map(({ depth, gains }) => ({
      depth,
      table: tableOf(gains.map((gain) => (gain - zero) / rate)),
    }));
    const steady = (earnings.steadyGain - zero) / rate;
    let before: { cells: number; values: Float64Array } | null = null;
    let toCome = 0;
    let mark = 0.25;
    for (const { cells, most, until } of PHASES) {
      const values = new Float64Array(cells * most + 1);
      if (before) for (let b = 0; b < values.length; b++) values[b] = valueAt(before, b / cells);
      const next = new Float64Array(values.length);
      const step = 0.5 / cells;
      while (toCome < until) {
        for (let b = 0; b < values.length; b++) {
          const up =
            b + 1 < values.length
              ? (values[b + 1]! - values[b]!) * cells
              : (values[b]! - values[b - 1]!) * cells;
          if (b < cells) next[b] = values[b]! + step * (steady + up);
          else {
            const worth = values[b]! - values[b - cells]!;
            const depth = b / cells;
            let curve = curves[0]!;
            for (const one of curves) if (one.depth <= depth) curve = one;
            next[b] = values[b]! + step * (gainIn(curve.table, worth) + up - worth);
          }
        }
        values.set(next);
        toCome += step;
        if (toCome >= mark - 1e-9) {
          this.#rows.push({ toCome: mark, cells, rungs: rungsOf(values, cells) });
          mark *= 2;
        }
        yield values.length;
      }
      before = { cells, values };
    }
  }

  /** The rung to dial on; NaN when nothing is known. */
  rung(balance: number, toCome: number): number {
    const rows = this.#rows;
    if (rows.length === 0) return Number.NaN;
    let high = 0;
    while (high < rows.length - 1 && rows[high]!.toCome < toCome) high++;
    const far = rows[high]!;
    const atFar = read(far, balance);
    if (high === 0 || toCome >= far.toCome) return atFar;
    const near = rows[high - 1]!;
    const part = Math.log2(toCome / near.toCome);
    return part * atFar + (1 - part) * read(near, balance);
  }
}

function valueAt({ cells, values }: { cells: number; values: Float64Array }, balance: number): number {
  const at = balance * cells;
  const last = values.length - 1;
  const low = Math.min(last - 1, Math.floor(at));
  return values[low]! + (at - low) * (values[low + 1]! - values[low]!);
}

/** G at each half ring time of the price: read a hundred thousand times. */
const FINENESS = 2;

function tableOf(gains: readonly number[]): Float64Array {
  return Float64Array.from({ length: FINENESS * PRICES[0]! + 1 }, (_, at) => gainAt(gains, at / FINENESS));
}

function gainIn(table: Float64Array, price: number): number {
  const at = Math.max(0, price) * FINENESS;
  const last = table.length - 1;
  // Beyond the dearest price nothing is abandoned, and each answer grants its part.
  if (at >= last) return table[last]! + (at - last) / FINENESS;
  const low = Math.floor(at);
  return table[low]! + (at - low) * (table[low + 1]! - table[low]!);
}

/** G at a price, between the rungs by a smooth curve, beyond them straight. */
function gainAt(gains: readonly number[], price: number): number {
  const last = gains.length - 1;
  if (price >= PRICES[0]!) return gains[0]!;
  const cheapest = priceOn(last);
  if (price <= cheapest)
    return gains[last]! + ((cheapest - price) * (gains[last]! - gains[last - 1]!)) / cheapest;
  const at = rungOf(price);
  const low = Math.min(last - 1, Math.floor(at));
  const t = at - low;
  const b = gains[low]!;
  const c = gains[low + 1]!;
  const a = low > 0 ? gains[low - 1]! : 2 * b - c;
  const d = low + 2 <= last ? gains[low + 2]! : 2 * c - b;
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

function rungsOf(values: Float64Array, cells: number): Float64Array {
  const rungs = new Float64Array(values.length);
  for (let b = cells; b < values.length; b++) {
    const worth = Math.max(1e-6, values[b]! - values[b - cells]!);
    rungs[b] = Math.min(TOP_RUNG, Math.max(0, rungOf(worth)));
  }
  return rungs;
}

function read({ cells, rungs }: { cells: number; rungs: Float64Array }, balance: number): number {
  const at = Math.min(rungs.length - 1, Math.max(0, balance * cells));
  const low = Math.min(rungs.length - 2, Math.floor(at));
  if (low < cells) return rungs[cells]!;
  return rungs[low]! + (at - low) * (rungs[low + 1]! - rungs[low]!);
}
