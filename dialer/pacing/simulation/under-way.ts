import { uniform, type Distribution } from './random.ts';
import { fateOf, type FateKind, type Traffic } from './traffic.ts';

/** Draws for something that has lasted for a while already; then it ends in a second. */
const PATIENCE = 40;

/** How much longer talks, wrap-ups and rings go on that were under way before the play began. */
export class UnderWay {
  readonly #seed: number;
  #draw = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** What is left of a length of which `elapsed` seconds are over. */
  left(length: Distribution, elapsed: number): number {
    for (let k = 0; k < PATIENCE; k++) {
      const whole = length(uniform(this.#seed, 10, ++this.#draw), uniform(this.#seed, 11, this.#draw));
      if (whole > elapsed) return whole - elapsed;
    }
    return 1;
  }

  /** What becomes of a line that has rung for `elapsed` seconds. */
  fate(traffic: Traffic, probability: number, elapsed: number): { kind: FateKind; after: number } {
    for (let k = 0; k < PATIENCE; k++) {
      const { kind, after } = fateOf(traffic, probability, this.#seed, 2_000_000_000 - ++this.#draw);
      if (after > elapsed) return { kind, after: after - elapsed };
    }
    return { kind: 'nothing', after: 1 };
  }
}
