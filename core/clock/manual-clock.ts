import type { Clock } from './clock.ts';

/** A clock that stands still until it is moved; timers fire in order as it passes them. For tests. */
export class ManualClock implements Clock {
  #now: number;
  #sequence = 0;
  #timers = new Map<number, { at: number; every?: number; task: () => void }>();

  constructor(startAt = Date.UTC(2026, 10, 23, 15, 0, 0)) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.size;
  }

  after(ms: number, task: () => void): () => void {
    return this.#add({ at: this.#now + ms, task });
  }

  every(ms: number, task: () => void): () => void {
    return this.#add({ at: this.#now + ms, every: ms, task });
  }

  /** Moves time on by `ms`, firing what falls due on the way, in order of time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      let next: [number, { at: number; every?: number; task: () => void }] | undefined;
      for (const entry of this.#timers)
        if (entry[1].at <= end && (!next || entry[1].at < next[1].at)) next = entry;
      if (!next) break;
      const [id, timer] = next;
      this.#now = Math.max(this.#now, timer.at);
      if (timer.every === undefined) this.#timers.delete(id);
      else timer.at += Math.max(1, timer.every);
      timer.task();
    }
    this.#now = end;
  }

  /** Like `advance`, but lets promises settle after each step of `stepMs`. */
  async run(ms: number, stepMs = 50): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.advance(Math.min(stepMs, left));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #add(timer: { at: number; every?: number; task: () => void }): () => void {
    const id = ++this.#sequence;
    this.#timers.set(id, timer);
    return () => void this.#timers.delete(id);
  }
}
