import type { Clock } from '../clock/clock.ts';
import type { Database } from '../database/database.ts';
import type { Logger } from '../log/log.ts';
import { BullJobs } from './bull-jobs.ts';
import { DatabaseJobs } from './database-jobs.ts';
import type { Jobs } from './jobs.ts';

export interface OpenJobsOptions {
  redisUrl: string | null;
  db: Database;
  clock: Clock;
  log: Logger;
}

/** The job queue on Redis where there is one, else in the database. */
export function openJobs({ redisUrl, db, clock, log }: OpenJobsOptions): Jobs {
  return redisUrl === null ? new DatabaseJobs({ db, clock, log }) : new BullJobs({ url: redisUrl, log });
}
