import type { Clock } from '../../core/clock/clock.ts';

/** Holds for `ms` from when it last began. */
export class ForAWhile {
  readonly #clock: Clock;
  readonly #ms: number;
  #until = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  get isOn(): boolean {
    return this.#clock.now() < this.#until;
  }

  /** Epoch milliseconds; null while it is off. */
  get until(): number | null {
    return this.isOn ? this.#until : null;
  }

  begin(): void {
    this.#until = this.#clock.now() + this.#ms;
  }
}
