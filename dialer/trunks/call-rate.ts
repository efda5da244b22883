const secondMs = 1000;

/**
 * Keeps the calls that begin in any span of one second, wherever it lies, to `rate`; below one a second it is one call
 * in so many seconds. An idle time saves nothing up: whatever was begun in the last second counts, and nothing else.
 */
export class CallRate {
  #rate: number;
  /** When the calls of the last span began, oldest first. */
  #begun: number[] = [];

  constructor(rate: number) {
    this.#rate = rate;
  }

  set rate(rate: number) {
    this.#rate = rate;
  }

  /** How many calls may begin now. */
  available(now: number): number {
    const { most, spanMs } = this.#limit();
    // A clock that was set back must not hold calls up until it has caught up.
    if ((this.#begun.at(-1) ?? now) > now) this.#begun = this.#begun.filter((at) => at <= now);
    while (this.#begun.length > 0 && now - this.#begun[0]! >= spanMs) this.#begun.shift();
    return Math.max(0, most - this.#begun.length);
  }

  /** A call begins now, whether it was allowed or not. */
  note(now: number): void {
    this.#begun.push(now);
  }

  #limit(): { most: number; spanMs: number } {
    if (this.#rate >= 1) return { most: Math.floor(this.#rate), spanMs: secondMs };
    return { most: 1, spanMs: secondMs / this.#rate };
  }
}
