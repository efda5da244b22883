import { createHash } from 'node:crypto';

/** One dialer with its Asterisk, as its heartbeat shows it. Times are epoch milliseconds of the app clock. */
export interface Cell {
  readonly id: string;
  /** Names one process: another one under the same id has another. */
  readonly run: string;
  /** Where its Asterisk answers; null: it has a simulator of its own. */
  readonly switchUrl: string | null;
  readonly startedAt: number;
  readonly seenAt: number;
  /** Ended in order; null while it runs, and when it was cut off. */
  readonly stoppedAt: number | null;
  /** The dialer that takes care of what this one has left. */
  readonly heir: string | null;
  readonly heirSince: number | null;
  /** Nothing of it is left. */
  readonly clearedAt: number | null;
}

export const beatMs = 5_000;
/** Silent for so long, it is not expected back at once: its agents may go elsewhere, its reserved leads too. */
export const goneMs = 60_000;
/**
 * A call that nobody had answered when its dialer fell silent lives on at the switch for its ringing at most, and for as
 * long as somebody who picks up then listens to silence.
 */
export const ringingCertainMs = 10 * 60_000;
/** A talk goes on at the switch without its dialer. */
export const talkCertainMs = 4 * 3_600_000;
/** An heir that does not finish has died too. */
export const heirMs = 60_000;
/** One that was cut off is looked for on the health page for so long. */
export const missedMs = 24 * 3_600_000;

/** It runs, as far as somebody can tell who looks once; a dialer listens (`Heartbeat`). */
export function isAlive(cell: Cell, now: number): boolean {
  return cell.stoppedAt === null && now - cell.seenAt < goneMs;
}

/** Silent for so long, as far as somebody can tell who looks once. */
export function isGone(cell: Cell, now: number): boolean {
  return now - cell.seenAt >= goneMs;
}

/** It should run: it does, or has been cut off not long ago. */
export function isExpected(cell: Cell, now: number): boolean {
  return cell.stoppedAt === null && now - cell.seenAt < missedMs;
}

/**
 * Which of the cells a user belongs to who is signed in to none. Each asker finds the same one, and a cell that comes or
 * goes moves only the users that are its own.
 */
export function cellOf(userId: number, cells: readonly Cell[]): Cell | null {
  let best: { cell: Cell; weight: string } | null = null;
  for (const cell of cells) {
    const weight = createHash('sha256').update(`${cell.id} ${userId}`).digest('hex');
    if (!best || weight > best.weight) best = { cell, weight };
  }
  return best?.cell ?? null;
}
