/** A number in [0, 1), the same row of them for the same seed. */
export type Random = () => number;

/** mulberry32: 32 bits of state, good enough to draw customers with. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}

export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}
