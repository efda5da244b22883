import type { App } from './app.ts';
import { createAudit } from './audit/table-audit.ts';
import { openBus } from './bus/open-bus.ts';
import { systemClock } from './clock/clock.ts';
import type { Config } from './config/config.ts';
import { openDatabase } from './database/open-database.ts';
import { openJobs } from './jobs/open-jobs.ts';
import { createLog } from './log/log.ts';
import { createSettings } from './settings/table-settings.ts';
import { SipPasswordStore } from './users/sip-password-store.ts';

/** An App and the duty to close it: whoever creates one closes it. */
export interface OwnedApp extends App {
  /** Drains jobs, then ends bus and database, each whatever happened to the one before. May be called twice. */
  close(drainMs?: number): Promise<void>;
}

export type AppParts = Omit<App, 'config'>;

/**
 * Puts an App together. Parts given in `overrides` are used as they are, and closed with it. The schema is brought
 * up to date; jobs are not started, so that their handlers can be defined first.
 * @throws what the first part that does not answer throws; everything is closed again then.
 */
export async function createApp(config: Config, overrides: Partial<AppParts> = {}): Promise<OwnedApp> {
  const clock = overrides.clock ?? systemClock;
  const log = overrides.log ?? createLog(config.logLevel);
  const db = overrides.db ?? openDatabase({ url: config.databaseUrl, dataDir: config.dataDir, log });
  const bus = overrides.bus ?? openBus({ redisUrl: config.redisUrl, log });
  const jobs = overrides.jobs ?? openJobs({ redisUrl: config.redisUrl, db, clock, log });
  const audit = overrides.audit ?? createAudit({ db, clock });
  const settings = overrides.settings ?? createSettings({ db, bus, clock, audit, log });

  let closing: Promise<void> | undefined;
  const close = async (drainMs?: number) => {
    const steps: [string, () => Promise<void>][] = [
      ['jobs', () => jobs.close(drainMs)],
      ['bus', () => bus.close()],
      ['database', () => db.close()],
    ];
    for (const [part, step] of steps) {
      try {
        await step();
      } catch (error) {
        log.error({ part, err: error }, 'part did not close cleanly');
      }
    }
  };
  try {
    await db.migrate();
    const sealed = await new SipPasswordStore({ db, config }).sealClear();
    if (sealed > 0) log.info({ sealed }, 'phone passwords that were stored in clear are sealed now');
    await Promise.all([bus.ping(), jobs.ping()]);
  } catch (error) {
    await close(0);
    throw error;
  }
  return {
    ...{ config, clock, log, db, bus, jobs, settings, audit },
    close: (drainMs) => (closing ??= close(drainMs)),
  };
}
