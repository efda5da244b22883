import type { Audit } from './audit/audit.ts';
import type { Bus } from './bus/bus.ts';
import type { Clock } from './clock/clock.ts';
import type { Config } from './config/config.ts';
import type { Database } from './database/database.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Logger } from './log/log.ts';
import type { Settings } from './settings/settings.ts';

/** What one process needs, made once at the composition root and handed down. No module keeps state of its own. */
export interface App {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly db: Database;
  readonly bus: Bus;
  readonly jobs: Jobs;
  readonly settings: Settings;
  readonly audit: Audit;
}
