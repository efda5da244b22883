import type { Clock } from '../clock/clock.ts';
import { inTime } from './in-time.ts';

/** What is older stands for nothing any more. */
const keepMs = 10 * 60_000;
/** After an answer that did not come, nobody waits for another for so long. */
const slowMs = 2_000;
const most = 20_000;

/**
 * What the database said lately stands in for it while it is away or silent, so that what needs no database (holding a
 * call, hanging up) is not kept from being done by the question who asks for it. Nothing is known that was never read.
 */
export class LastKnown {
  readonly #clock: Clock;
  readonly #known = new Map<string, { value: unknown; at: number }>();
  #slowUntil = Number.NEGATIVE_INFINITY;
  /** Counts what was forgotten: an answer asked for before that is not kept. */
  #forgotten = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The database's answer; the last one where there is one and the database does not give another in time. */
  async read<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const last = this.#known.get(key);
    if (!last || this.#clock.now() - last.at > keepMs) return this.#ask(key, ask);
    const known = last.value as T;
    if (this.#clock.now() < this.#slowUntil) return known;
    return inTime(this.#clock, this.#ask(key, ask), () => {
      this.#slowUntil = this.#clock.now() + slowMs;
      return known;
    });
  }

  /** What is told to have changed, and may not be heard of from here any more. */
  forget(matches: (key: string, value: unknown) => boolean): void {
    this.#forgotten += 1;
    for (const [key, { value }] of this.#known) if (matches(key, value)) this.#known.delete(key);
  }

  async #ask<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const forgotten = this.#forgotten;
    const value = await ask();
    this.#known.delete(key);
    if (value === null || value === undefined || forgotten !== this.#forgotten) return value;
    this.#known.set(key, { value, at: this.#clock.now() });
    const oldest = this.#known.size > most ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
    return value;
  }
}
