import type { Clock } from '../../core/clock/clock.ts';

const heldMs = 10_000;

/**
 * Nobody could say in time of an answered call whether it may be connected: who picks up in the next seconds would hear
 * a message too, and each would count as abandoned. So nothing is dialled ahead until that has passed.
 */
export class SlowFacts {
  readonly #clock: Clock;
  #until = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isOn(): boolean {
    return this.#clock.now() < this.#until;
  }

  note(): void {
    this.#until = this.#clock.now() + heldMs;
  }
}
