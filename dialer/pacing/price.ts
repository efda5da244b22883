/** Answers from which on a window must hold its cap; before, calls may be abandoned ahead of their grant. */
const FIRST_ANSWERS = 100;
/** Part of the first hundred answers' grant that may be spent ahead. */
const AHEAD = 2 / 3;

/**
 * What may be spent ahead of the first answers' grant: gone when the hundredth comes, and never more than the answers that are
 * as good as sure to come will grant, so that a short day does not end over its cap.
 */
export function advance(cap: number, answers: number, toCome: number): number {
  const sure = Math.max(0, toCome - 3 * Math.sqrt(toCome));
  return cap * Math.min(sure, AHEAD * Math.max(0, FIRST_ANSWERS - answers));
}

/** What the next answer adds to the account, the shrinking advance taken off. */
export function netGrant(cap: number, answers: number): number {
  return answers < FIRST_ANSWERS ? (1 - AHEAD) * cap : cap;
}
