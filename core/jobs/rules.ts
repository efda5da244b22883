/** Rules that both kinds of job queue keep. */

export const standardAttempts = 3;

/** Pause before the next attempt: 1 s, 4 s, 16 s … at most 10 minutes. */
export function pauseAfter(attempts: number): number {
  return Math.min(600_000, 1_000 * 4 ** (attempts - 1));
}

export function percent(value: number): number {
  return Math.max(0, Math.min(100, Math.round(value)));
}
