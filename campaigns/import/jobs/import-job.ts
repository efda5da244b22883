import type { Engine } from '../../../core/database/database.ts';

export interface ImportJobData {
  importId: number;
}
export const checkJob = 'import.check';
export const commitJob = 'import.commit';
export const undoJob = 'import.undo';
export const sweepJob = 'import.sweep';
export const lostJob = 'import.lost';
export const lostEveryMs = 60_000;

/**
 * Rows of one transaction. SQLite has one connection, and what dials waits for as long; a server is the faster the more
 * it gets at once.
 */
export const batchSizes: Readonly<Record<Engine, number>> = { sqlite: 500, mariadb: 5_000 };
