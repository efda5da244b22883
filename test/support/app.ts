import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../core/clock/manual-clock.ts';
import type { Config } from '../../core/config/config.ts';
import { createApp, type AppParts, type OwnedApp } from '../../core/create-app.ts';
import { createLog } from '../../core/log/log.ts';
import { demandAuditWords } from './audit-words.ts';
import { bringSchema } from './schema.ts';

export interface TestApp extends OwnedApp {
  readonly clock: ManualClock;
}

/**
 * A whole App for one test: SQLite in a temporary folder with the newest schema, a clock that stands until it is
 * moved, bus and jobs in this process. `close()` removes the folder. `LOG_LEVEL` in the environment lets it speak.
 *
 *     const app = await testApp();
 *     after(() => app.close());
 */
export async function testApp(
  overrides: Partial<AppParts> & { config?: Partial<Config>; clock?: ManualClock } = {},
): Promise<TestApp> {
  const { config: configured, ...parts } = overrides;
  const dataDir = mkdtempSync(join(tmpdir(), 'ringwise-test-'));
  const config = testConfig(dataDir, configured);
  const clock = parts.clock ?? new ManualClock();
  if (!parts.db) await bringSchema(config.databaseUrl);
  const app = await createApp(config, { log: createLog(config.logLevel), ...parts, clock });
  return {
    ...app,
    audit: { record: (entry, trx) => (demandAuditWords(entry), app.audit.record(entry, trx)) },
    clock,
    async close() {
      await app.close(0);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Settings for a test with its data in `dataDir`. */
export function testConfig(dataDir: string, overrides: Partial<Config> = {}): Config {
  return {
    port: 0,
    host: null,
    dataDir,
    databaseUrl: `sqlite:${join(dataDir, 'ringwise.sqlite')}`,
    redisUrl: null,
    asterisk: null,
    dialerId: 'main',
    publicUrl: 'http://localhost',
    logLevel: process.env.LOG_LEVEL ?? 'silent',
    secrets: { session: '5'.repeat(64), encryption: 'e'.repeat(64) },
    ...overrides,
  };
}
