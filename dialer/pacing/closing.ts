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

  /** Whether the window is one that has an end of day. */
  get isDaily(): boolean {
    return Number.isFinite(this.#dayMs);
  }

  /** Milliseconds until dialling ends, by what was said or else by custom; infinite where a window has no end of day. */
  left(now: number, said?: number): number {
    if (!this.isDaily) return Number.POSITIVE_INFINITY;
    if (isKnown(said)) return Math.max(0, said - now);
    if (Number.isNaN(this.#from)) return Number.POSITIVE_INFINITY;
    const since = Math.max(0, now - this.#from);
    return since < this.#dayMs ? this.#dayMs - since : HOUR_MS - ((since - this.#dayMs) % HOUR_MS);
  }

  /** Milliseconds that dialling goes on as good as surely: an hour where nobody has said, a day where days follow. */
  sure(now: number, said?: number): number {
    if (!this.isDaily) return USUAL_DAY_MS;
    return isKnown(said) ? Math.max(0, said - now) : Math.min(this.left(now), HOUR_MS);
  }
}

const isKnown = (said: number | undefined): said is number => said !== undefined && !Number.isNaN(said);
