/**
 * Pauses between tries: doubling from `firstMs` to at most `maxMs`, each shortened by up to a quarter by `random`, so
 * that a room full of browsers does not come back to a restarted switch in the same second.
 */
export class BackOff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #tries = 0;

  constructor(firstMs = 1000, maxMs = 30_000, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  next(): number {
    const full = Math.min(this.#maxMs, this.#firstMs * 2 ** this.#tries);
    this.#tries = Math.min(this.#tries + 1, 30);
    return Math.round(full * (1 - this.#random() / 4));
  }

  reset(): void {
    this.#tries = 0;
  }
}
