/** Seconds of dialling that are kept open. */
const OPEN = 64;

/**
 * Holds each second's calls together until nearly all of them have ended. Dead numbers fail at once, answers take some
 * seconds and silence takes longest, so counting calls as they end takes every burst of dialling first for a bad list and
 * then for a good one; counting whole cohorts does not.
 */
export class Cohorts {
  #dialed = new Float64Array(OPEN);
  #live = new Float64Array(OPEN);
  #hinted = new Float64Array(OPEN);
  #promised = new Float64Array(OPEN);
  #hintedLive = new Float64Array(OPEN);
  #openDialed = 0;
  #openLive = 0;
  #newest = Number.NEGATIVE_INFINITY;
  #matureAfter: number;

  constructor(matureAfterSeconds: number) {
    this.#matureAfter = Math.min(OPEN - 1, Math.max(5, Math.ceil(matureAfterSeconds)));
  }

  dialed(at: number, hint: number): void {
    const index = this.#index(Math.floor(at / 1000));
    this.#dialed[index]! += 1;
    this.#openDialed++;
    if (Number.isNaN(hint)) return;
    this.#hinted[index]! += 1;
    this.#promised[index]! += hint;
  }

  /** A live answer to a call of `dialedAt`; false when its cohort has been counted already. */
  live(dialedAt: number, hint: number): boolean {
    const second = Math.floor(dialedAt / 1000);
    if (second <= this.#newest - this.#matureAfter) return false;
    const index = this.#index(second);
    this.#live[index]! += 1;
    this.#openLive++;
    if (!Number.isNaN(hint)) this.#hintedLive[index]! += 1;
    return true;
  }

  /**
   * The answer probability that open cohorts already prove, two standard errors down: their answers can only become more.
   * It tells of a jump upwards at once.
   */
  get provenProbability(): number {
    const sure = this.#openLive - 2 * Math.sqrt(this.#openLive) - 1;
    return sure > 0 && this.#openDialed > 0 ? Math.min(1, sure / this.#openDialed) : 0;
  }

  /** Hands over every cohort that is old enough at `now`, oldest first, and forgets it. */
  mature(now: number, take: (cohort: Cohort) => void): void {
    const second = Math.floor(now / 1000);
    if (second <= this.#newest) return;
    const first = Math.max(this.#newest, second - 2 * OPEN) + 1;
    this.#newest = second;
    for (let old = first - this.#matureAfter; old <= second - this.#matureAfter; old++) {
      if (!Number.isFinite(old)) continue;
      const index = this.#index(old);
      this.#openDialed -= this.#dialed[index]!;
      this.#openLive -= this.#live[index]!;
      if (this.#dialed[index]! > 0)
        take({
          dialed: this.#dialed[index]!,
          live: this.#live[index]!,
          hinted: this.#hinted[index]!,
          promised: this.#promised[index]!,
          hintedLive: this.#hintedLive[index]!,
        });
      this.#dialed[index] = this.#live[index] = this.#hinted[index] = 0;
      this.#promised[index] = this.#hintedLive[index] = 0;
    }
  }

  #index(second: number): number {
    return ((second % OPEN) + OPEN) % OPEN;
  }
}

export interface Cohort {
  dialed: number;
  live: number;
  /** Calls that came with a hint, the answers those hints promised, and the answers they brought. */
  hinted: number;
  promised: number;
  hintedLive: number;
}
