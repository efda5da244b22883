/** The only source of time in the product. Everything that needs "now" is handed one of these. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs `task` once after `ms` milliseconds of this clock's time; the result cancels it. */
  after(ms: number, task: () => void): () => void;
  /** Runs `task` every `ms` milliseconds of this clock's time; the result stops it. */
  every(ms: number, task: () => void): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  every(ms, task) {
    const timer = setInterval(task, ms);
    return () => clearInterval(timer);
  },
};

/** A clock that runs `factor` times as fast as the machine's, from `startAt` on. For simulations and tests. */
export function scaledClock(factor: number, startAt = Date.now()): Clock {
  const origin = performance.now();
  return {
    now: () => Math.round(startAt + (performance.now() - origin) * factor),
    after(ms, task) {
      const timer = setTimeout(task, ms / factor);
      return () => clearTimeout(timer);
    },
    every(ms, task) {
      const timer = setInterval(task, Math.max(1, ms / factor));
      return () => clearInterval(timer);
    },
  };
}
