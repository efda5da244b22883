import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { openBus } from '../../core/bus/open-bus.ts';
import type { Config } from '../../core/config/config.ts';
import { openDatabase } from '../../core/database/open-database.ts';
import { createLog } from '../../core/log/log.ts';
import { TelephonyError, tryAsterisk } from '../../dialer/telephony/index.ts';
import { CommandError, configOf } from '../with-app.ts';

export function register(program: Command): void {
  const config = program.command('config').description('the settings of this installation');
  config
    .command('check')
    .description('read the settings, show them without secrets, and try the database, Redis and Asterisk')
    .action(async (_options: unknown, command: Command) => check(configOf(command)));
}

async function check(config: Config): Promise<void> {
  const shown = {
    PORT: config.port,
    HOST: config.host ?? '(all of this machine)',
    DATA_DIR: config.dataDir,
    DATABASE_URL: withoutPassword(config.databaseUrl),
    REDIS_URL: config.redisUrl ? withoutPassword(config.redisUrl) : '(none: jobs and bus in one process)',
    ASTERISK_URL: config.asterisk?.url ?? '(none: the carrier simulator)',
    ASTERISK_USER: config.asterisk?.user ?? '(none)',
    ASTERISK_PASSWORD: config.asterisk ? '(set)' : '(none)',
    DIALER_ID: config.dialerId,
    PUBLIC_URL: config.publicUrl,
    LOG_LEVEL: config.logLevel,
  };
  for (const [name, value] of Object.entries(shown)) console.log(`${name.padEnd(18)} ${value}`);
  const failures = [
    await failure('DATABASE_URL', () => tryDatabase(config)),
    await failure('REDIS_URL', () => tryRedis(config)),
    await failure('ASTERISK_URL', () => tryTelephony(config)),
  ].filter((line) => line !== null);
  if (failures.length > 0) throw new CommandError(failures.join('\n'));
  console.log('All settings are right, and what they name answers.');
}

async function tryDatabase(config: Config): Promise<void> {
  // It is made by the first start, which shows the demo where there is none.
  const file = /^sqlite:(.+)$/.exec(config.databaseUrl)?.[1];
  if (file && !existsSync(file)) return accessSync(nearestFolder(file), constants.W_OK);
  const log = createLog('silent');
  const db = openDatabase({ url: config.databaseUrl, dataDir: config.dataDir, log });
  try {
    await db.ping(5_000);
  } finally {
    await db.close();
  }
}

/** The folder of a file, or the first above it that is there. */
function nearestFolder(file: string): string {
  const folder = dirname(resolve(file));
  return existsSync(folder) || folder === dirname(folder) ? folder : nearestFolder(folder);
}

async function tryRedis(config: Config): Promise<void> {
  const bus = openBus({ redisUrl: config.redisUrl, log: createLog('silent') });
  try {
    await bus.ping();
  } finally {
    await bus.close();
  }
}

async function tryTelephony({ asterisk }: Config): Promise<void> {
  if (asterisk) await tryAsterisk(asterisk, 5_000);
}

async function failure(setting: string, attempt: () => Promise<void>): Promise<string | null> {
  try {
    await attempt();
    return null;
  } catch (error) {
    if (error instanceof TelephonyError && error.fault === 'unauthorized')
      return `ASTERISK_USER and ASTERISK_PASSWORD are refused: ${error.message}`;
    return `${setting} names something that cannot be used: ${(error as Error).message}`;
  }
}

function withoutPassword(address: string): string {
  return address.replace(/^(\w+:\/\/[^:/@]*):[^@/]*@/, '$1:(set)@');
}
