/** A number in (0, 1) that depends on its coordinates only, so that every dialer meets the same calls. */
export function uniform(seed: number, stream: number, index: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) ^ Math.imul(index + 0x165667b1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  h ^= h >>> 16;
  return ((h >>> 0) + 0.5) / 4294967296;
}

/** Draws a length in seconds from two uniforms. */
export type Distribution = (u: number, v: number) => number;

export const exponential =
  (mean: number): Distribution =>
  (u) =>
    -mean * Math.log(u);

export const constant =
  (value: number): Distribution =>
  () =>
    value;

export const between =
  (low: number, high: number): Distribution =>
  (u) =>
    low + (high - low) * u;

/** Lognormal with the given mean and coefficient of variation. */
export function lognormal(mean: number, cv: number): Distribution {
  const variance = Math.log(1 + cv * cv);
  const centre = Math.log(mean) - variance / 2;
  const spread = Math.sqrt(variance);
  return (u, v) => Math.exp(centre + spread * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
}

/** At least `least` seconds, then exponential up to `mean`. */
export const shifted =
  (least: number, mean: number): Distribution =>
  (u) =>
    least - (mean - least) * Math.log(u);

/** Between measured quantiles (sorted, evenly spaced in probability), stretched so that their mean is `mean`. */
export function quantiles(measured: readonly number[], mean: number): Distribution {
  const last = measured.length - 1;
  let sum = (measured[0]! + measured[last]!) / 2;
  for (let k = 1; k < last; k++) sum += measured[k]!;
  const stretch = sum > 0 ? (mean * last) / sum : 1;
  return (u) => {
    const place = u * last;
    const below = Math.floor(place);
    const low = measured[below]!;
    return stretch * (low + (place - below) * (measured[Math.min(last, below + 1)]! - low));
  };
}
