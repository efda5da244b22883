import type { ManualClock } from '../../core/clock/manual-clock.ts';

/** Turns of the event loop without a question to database or switch, after which nothing is under way any more. */
const quietTurns = 8;
const mostTurns = 100_000;

/**
 * Lets the app's time run as fast as the machine can follow: it is moved on by a step once all that the step before has
 * set off, over sockets and in the database, has come to rest.
 */
export class FastTime {
  readonly #clock: ManualClock;
  readonly #activity: () => number;
  readonly #stepMs: number;

  /** `activity` counts what is asked of database and switch. */
  constructor(clock: ManualClock, activity: () => number, stepMs = 100) {
    this.#clock = clock;
    this.#activity = activity;
    this.#stepMs = stepMs;
  }

  async pass(ms: number): Promise<void> {
    const end = this.#clock.now() + ms;
    while (this.#clock.now() < end) {
      this.#clock.advance(Math.min(this.#stepMs, end - this.#clock.now()));
      await this.settle();
    }
  }

  async until(what: string, done: () => boolean | Promise<boolean>, ms: number): Promise<void> {
    const end = this.#clock.now() + ms;
    while (!(await done())) {
      if (this.#clock.now() >= end) throw new Error(`within ${ms} ms of app time it did not happen: ${what}`);
      await this.pass(1_000);
    }
  }

  async settle(): Promise<void> {
    let before = this.#activity();
    for (let quiet = 0, turns = 0; quiet < quietTurns && turns < mostTurns; turns += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      const now = this.#activity();
      quiet = now === before ? quiet + 1 : 0;
      before = now;
    }
  }
}
