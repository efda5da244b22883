/** A count that took this long is not repeated at every look at a page: ten million leads take seconds. */
const usualSlowMs = 100;
/** How much of the time may go into counting one campaign: a slow count is shown for so many times what it took. */
const usuallyShownFor = 20;

export interface SlowCounts {
  readonly slowMs?: number;
  readonly shownFor?: number;
}

/** Counts of campaigns: whoever asks while one is under way shares it, and a slow one is shown for a while. */
export function slowCounts<T>(
  count: (campaignId: number) => Promise<T>,
  { slowMs = usualSlowMs, shownFor = usuallyShownFor }: SlowCounts = {},
): (campaignId: number) => Promise<T> {
  /** Counts under way, and slow ones that are still shown, with the machine's time until which they are. */
  const counted = new Map<number, { counts: Promise<T>; until: number }>();
  return (campaignId) => {
    const known = counted.get(campaignId);
    if (known && performance.now() < known.until) return known.counts;
    const begun = performance.now();
    const entry = { counts: count(campaignId), until: Infinity };
    counted.set(campaignId, entry);
    entry.counts
      .then(() => {
        const took = performance.now() - begun;
        entry.until = took < slowMs ? 0 : performance.now() + took * shownFor;
      })
      .catch(() => (entry.until = 0));
    return entry.counts;
  };
}
