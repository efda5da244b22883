/** So many of so many. */
export interface Share {
  readonly hits: number;
  readonly of: number;
}

/** What one had and what the others had under the same circumstances. */
export interface Stratum {
  readonly own: Share;
  readonly others: Share;
}

export interface Comparison {
  /** Calls of its own that could be compared: there were others of the same kind. */
  readonly own: Share;
  readonly others: Share;
  /** The others' share, weighted as the own is over the strata: what it would have if it were like them. */
  readonly expected: number;
  /** Its share over that, 1 where both are alike; above 1 it has more. */
  readonly ratio: number;
  /** How many standard deviations it is away from having no difference; below 0 it has fewer. */
  readonly z: number;
}

/**
 * Compares shares stratum by stratum (Cochran–Mantel–Haenszel: hits expected and their variance are those of the
 * hypergeometric distribution with a continuity correction; the ratio is Mantel and Haenszel's risk ratio). A campaign
 * with a bad list lowers both sides of its stratum and says nothing. Null: there is nothing to compare.
 */
export function compareShares(strata: Iterable<Stratum>): Comparison | null {
  let [difference, variance, top, bottom, weight] = [0, 0, 0, 0, 0];
  let own = { hits: 0, of: 0 };
  let others = { hits: 0, of: 0 };
  for (const stratum of strata) {
    const { own: a, others: b } = stratum;
    if (a.of === 0 || b.of === 0) continue;
    const all = a.of + b.of;
    const hits = a.hits + b.hits;
    difference += a.hits - (a.of * hits) / all;
    variance += (a.of * b.of * hits * (all - hits)) / (all * all * (all - 1));
    top += (a.hits * b.of) / all;
    bottom += (b.hits * a.of) / all;
    weight += (a.of * b.of) / all;
    own = { hits: own.hits + a.hits, of: own.of + a.of };
    others = { hits: others.hits + b.hits, of: others.of + b.of };
  }
  if (own.of === 0) return null;
  const corrected = Math.sign(difference) * Math.max(0, Math.abs(difference) - 0.5);
  const z = variance > 0 ? corrected / Math.sqrt(variance) : 0;
  const ratio = bottom > 0 ? top / bottom : top > 0 ? Number.POSITIVE_INFINITY : 1;
  return { own, others, expected: bottom / weight, ratio, z };
}
