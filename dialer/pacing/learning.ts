/**
 * A mean that forgets, and forgets faster after a change: a slow and a fast mean run side by side, and when they differ by
 * more than chance allows, the slow one starts anew from the fast one.
 */
export class DriftingMean {
  #memory: DriftMemory;
  #at = Number.NEGATIVE_INFINITY;
  #fast = { sum: 0, squares: 0, weight: 0 };
  #slow: { sum: number; squares: number; weight: number };

  /** The prior counts as `strength` samples with a coefficient of variation of one. */
  constructor(prior: number, strength: number, memory: DriftMemory) {
    this.#memory = memory;
    this.#slow = { sum: prior * strength, squares: 2 * prior * prior * strength, weight: strength };
  }

  add(value: number, at: number): void {
    const seconds = Math.max(0, Math.min(60, (at - this.#at) / 1000));
    this.#at = Math.max(at, this.#at);
    const { fast, slow, fastSeconds, slowSeconds } = this.#memory;
    fade(this.#fast, value, Math.min(1 / fast, seconds / fastSeconds));
    fade(this.#slow, value, Math.min(1 / slow, seconds / slowSeconds));
    if (this.#fast.weight < 0.8 * fast) return;
    // The fast mean's samples are among the slow one's: while that is no longer, there is nothing to compare.
    if (this.#slow.weight < 2 * this.#fast.weight) return;
    const gap = this.fast - this.mean;
    // An exponentially weighted mean of memory m varies like a plain mean of 2m samples.
    const spread = Math.sqrt(this.#variance / (2 * this.#fast.weight));
    if (Math.abs(gap) > SURPRISE * spread) this.#slow = { ...this.#fast };
  }

  get mean(): number {
    return this.#slow.sum / this.#slow.weight;
  }

  get fast(): number {
    return this.#fast.weight > 0 ? this.#fast.sum / this.#fast.weight : this.mean;
  }

  get weight(): number {
    return this.#slow.weight;
  }

  /** Standard error of the mean. */
  get error(): number {
    return Math.sqrt(this.#variance / Math.max(1, this.#slow.weight));
  }

  get #variance(): number {
    const mean = this.mean;
    return Math.max(0, this.#slow.squares / this.#slow.weight - mean * mean);
  }
}

/** Samples remembered by each mean; where samples come fast, at least those of so many seconds. */
export interface DriftMemory {
  fast: number;
  slow: number;
  fastSeconds: number;
  slowSeconds: number;
}

function fade(sums: { sum: number; squares: number; weight: number }, value: number, part: number): void {
  const keep = 1 - part;
  sums.sum = sums.sum * keep + value;
  sums.squares = sums.squares * keep + value * value;
  sums.weight = sums.weight * keep + 1;
}

/** How many standard errors apart the fast and the slow mean must be to call it a change. */
const SURPRISE = 3.7;

const LARGEST_UNIT = 1e9;

/** Fading counts of lengths of time, in bins that widen with length; answers survival and quantiles. */
export class LengthHistogram {
  /** In units of `#unit`: the newest length counts 1, and instead of all older ones fading the unit grows. */
  #counts = new Float64Array(BINS);
  #total = 0;
  #unit = 1;
  #keep: number;

  constructor(memory: number) {
    this.#keep = 1 - 1 / memory;
  }

  add(seconds: number): void {
    this.#unit /= this.#keep;
    this.#counts[binOf(seconds)]! += this.#unit;
    this.#total += this.#unit;
    if (this.#unit < LARGEST_UNIT) return;
    for (let bin = 0; bin < BINS; bin++) this.#counts[bin]! /= this.#unit;
    this.#total /= this.#unit;
    this.#unit = 1;
  }

  get weight(): number {
    return this.#total / this.#unit;
  }

  /**
   * Share of lengths above each bin's lower edge, mixed with an exponential of the given mean worth `strength` samples.
   * Cell `BINS` is 0.
   */
  survival(mean: number, strength: number): Float64Array {
    const survival = new Float64Array(BINS + 1);
    const total = this.weight + strength;
    let above = 0;
    for (let bin = BINS - 1; bin >= 0; bin--) {
      above += this.#counts[bin]! / this.#unit;
      survival[bin] = (above + strength * Math.exp(-edges[bin]! / Math.max(0.1, mean))) / total;
    }
    return survival;
  }
}

/** Bins are a second wide at first and 9 % of the length later; the last holds everything from an hour or two on. */
export const BINS = 84;
const GROWTH = Math.log1p(0.09);
const LINEAR = Math.ceil(1 / 0.09);

export function binOf(seconds: number): number {
  if (!(seconds > 0)) return 0;
  return seconds < binBySecond.length ? binBySecond[Math.floor(seconds)]! : BINS - 1;
}

/** Lower edges of the bins, in whole seconds. */
export const edges = Float64Array.from({ length: BINS + 1 }, (_, bin) =>
  bin < LINEAR ? bin : Math.round(LINEAR * Math.exp((bin - LINEAR) * GROWTH)),
);

const binBySecond = Uint8Array.from({ length: edges[BINS - 1]! }, (_, second) => {
  let bin = 0;
  while (edges[bin + 1]! <= second) bin++;
  return bin;
});

/** Survival at any length, linear inside a bin. */
export function survivalAt(survival: Float64Array, seconds: number): number {
  if (seconds <= 0) return 1;
  const bin = binOf(seconds);
  if (bin >= BINS - 1) return survival[BINS - 1]!;
  const low = edges[bin]!;
  const part = (seconds - low) / (edges[bin + 1]! - low);
  return survival[bin]! + part * (survival[bin + 1]! - survival[bin]!);
}

/** Length that a share `1 - level` exceeds. */
export function quantile(survival: Float64Array, level: number): number {
  const above = 1 - level;
  for (let bin = 0; bin < BINS; bin++) {
    const here = survival[bin]!;
    const next = survival[bin + 1]!;
    if (next > above) continue;
    const part = here > next ? (here - above) / (here - next) : 0;
    return edges[bin]! + Math.max(0, part) * (edges[bin + 1]! - edges[bin]!);
  }
  return edges[BINS - 1]!;
}
