/**
 * Which rung of the plan's ladder to dial on: the fair price of an abandoned call, made dearer or cheaper by the balance of
 * the abandonment account. With an empty account an abandoned call is beyond price and dialling is all but progressive;
 * a full one is spent evenly. Constants by search in `bench/pacing`.
 */
export interface Account {
  /** Calls that may still be abandoned. */
  balance: number;
  /** What the window has been granted so far: cap × answers. */
  granted: number;
  /** What is still to be granted before dialling ends; infinite when no end is known. */
  toCome: number;
}

/** Rungs (factors of two in the price) by which an empty account is dearer. */
const EMPTY = 3;
/** Abandoned calls over which that fades. */
const FADE = 1.6;
const CHEAPEST = 1.5;
const DEAREST = -5;

export function rungFor(fair: number, account: Account): number {
  const swing = Math.min(6 + 1.5 * Math.sqrt(account.granted), 1 + account.toCome);
  const even = (1.44 * (account.balance - 0.3 * swing)) / swing;
  const lift = even - EMPTY * Math.exp(-Math.max(0, account.balance) / FADE);
  return fair + Math.min(CHEAPEST, Math.max(DEAREST, lift));
}

/** Answers from which on a window must hold its cap; before, this many calls may be abandoned ahead of their grant. */
const FIRST_ANSWERS = 100;

/** Part of the first hundred answers' grant that may be spent ahead; gone when the hundredth comes. */
export function advance(cap: number, answers: number): number {
  const ahead = Math.max(0, 1 - answers / FIRST_ANSWERS);
  return (2 / 3) * cap * FIRST_ANSWERS * ahead;
}
