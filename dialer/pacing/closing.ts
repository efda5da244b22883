const HOUR_MS = 3_600_000;
/** Windows longer than this are not taken for a day. */
const LONGEST_DAY_MS = 26 * HOUR_MS;
const USUAL_DAY_MS = 8 * HOUR_MS;
/** Nothing dialled for so long: what comes then is another day. */
const NIGHT_MS = 3 * HOUR_MS;

/**
 * When dialling will end, where nobody has said: eight hours after the day's first event, or one window if that is shorter,
 * and from then on at each next hour. To be wrong costs a reserve that was spent too early or too late, never the cap.
 */
export class Closing {
  #dayMs: number;
  #from = Number.NaN;
  #dialedAt = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#dayMs = windowMs > LONGEST_DAY_MS ? Number.POSITIVE_INFINITY : Math.min(windowMs, USUAL_DAY_MS);
  }

  /** Anything at all happened. */
  seen(at: number): void {
    if (Number.isNaN(this.#from)) this.#from = at;
  }

  dialed(at: number): void {
    if (at - this.#dialedAt > NIGHT_MS && this.#dialedAt > 0) this.#from = at;
    this.#dialedAt = at;
  }

  /** Milliseconds until dialling is taken to end; infinite where a window has no end of day. */
  left(now: number): number {
    if (!Number.isFinite(this.#dayMs) || Number.isNaN(this.#from)) return Number.POSITIVE_INFINITY;
    const since = Math.max(0, now - this.#from);
    return since < this.#dayMs ? this.#dayMs - since : HOUR_MS - ((since - this.#dayMs) % HOUR_MS);
  }
}
