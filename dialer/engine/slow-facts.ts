import type { Clock } from '../../core/clock/clock.ts';

const shortestMs = 10_000;
const longestMs = 5 * 60_000;
/** Those dialled at its end have rung and been picked up by then. */
const soonMs = 60_000;

/**
 * Nobody could say in time of an answered call whether it may be connected: who picks up in the next seconds would hear
 * a message too, and each would count as abandoned. So nothing is dialled ahead for a while, and then until a look that
 * concerns nobody has been answered in time. Comes the trouble back soon after, the next while is twice as long: it is
 * not to be found out by callers again and again.
 */
export class SlowFacts {
  readonly #clock: Clock;
  readonly #answersInTime: () => Promise<boolean>;
  #whileMs = shortestMs;
  #until: number | null = null;
  #endedAt = -Infinity;
  #stopTimer = () => {};

  constructor(clock: Clock, answersInTime: () => Promise<boolean>) {
    this.#clock = clock;
    this.#answersInTime = answersInTime;
  }

  get isOn(): boolean {
    return this.#until !== null;
  }

  /** Not before then, epoch milliseconds; null while it is off. */
  get until(): number | null {
    return this.#until === null ? null : Math.max(this.#until, this.#clock.now());
  }

  /** For those who pick up meanwhile too: they belong to the same trouble, which is not over yet. */
  begin(): void {
    if (this.isOn) return this.#wait(this.#whileMs);
    const isBack = this.#clock.now() - this.#endedAt < this.#whileMs + soonMs;
    this.#whileMs = isBack ? Math.min(longestMs, 2 * this.#whileMs) : shortestMs;
    this.#wait(this.#whileMs);
  }

  stop(): void {
    this.#stopTimer();
  }

  #wait(ms: number): void {
    this.#stopTimer();
    this.#until = this.#clock.now() + ms;
    this.#stopTimer = this.#clock.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    const until = this.#until;
    const isOver = await this.#answersInTime().catch(() => false);
    if (this.#until !== until) return;
    // This costs no caller anything: asked again soon, whatever the while was.
    if (!isOver) return this.#wait(shortestMs);
    this.#until = null;
    this.#endedAt = this.#clock.now();
  }
}
