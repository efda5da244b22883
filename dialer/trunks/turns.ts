/** Ids in order of failover, those of one rank together: each of the `shared` belongs to the one before it. */
export function ranks(ids: readonly number[], shared: readonly number[]): number[][] {
  const found: number[][] = [];
  for (const id of ids) {
    const last = found.at(-1);
    if (last && shared.includes(id)) last.push(id);
    else found.push([id]);
  }
  return found;
}

/**
 * Whose turn it is among several that can all take the next call, by weight: after as many calls as the weights come to,
 * each has had as many as its own, spread as evenly as they can be. Each set of candidates has turns of its own, so that
 * one that was full for a while has nothing to catch up on.
 */
export class Turns {
  /** What each candidate is ahead (below 0) or behind, in calls times the sum of weights. */
  readonly #sets = new Map<string, Map<number, number>>();

  next(among: readonly number[], weightOf: (id: number) => number): number {
    const [first, ...others] = among;
    if (first === undefined) throw new Error('nobody to take turns');
    if (others.length === 0) return first;
    const credits = this.#sets.get(key(among));
    const credit = (id: number) => (credits?.get(id) ?? 0) + weightOf(id);
    return others.reduce((best, id) => (credit(id) > credit(best) ? id : best), first);
  }

  taken(id: number, among: readonly number[], weightOf: (id: number) => number): void {
    if (among.length < 2) return;
    let credits = this.#sets.get(key(among));
    if (!credits) this.#sets.set(key(among), (credits = new Map()));
    let sum = 0;
    for (const each of among) {
      const weight = weightOf(each);
      sum += weight;
      credits.set(each, (credits.get(each) ?? 0) + weight);
    }
    credits.set(id, (credits.get(id) ?? 0) - sum);
  }

  /** The candidates have changed. */
  forget(): void {
    this.#sets.clear();
  }
}

const key = (among: readonly number[]): string => among.join();
