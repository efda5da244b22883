import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { ConfigError, secretsIn, type Config } from '../core/config/config.ts';
import { sqliteFile } from '../core/database/open-database.ts';

const databaseFile = 'ringwise.sqlite';
const demoFolder = 'demo';
/** What a first look leaves in the data folder. */
const besideDemo = new Set([demoFolder, 'secret.json', 'ringwise.env']);
/** A file that is there while the demo is filled. */
export const seedingMark = 'seeding';

/** A demo is for a first look: never beside a firm's own switch, database or data. */
export function mayShowDemo(config: Config): boolean {
  const own = join(config.dataDir, databaseFile);
  return config.asterisk === null && config.databaseUrl === `sqlite:${own}` && !existsSync(own);
}

/** The demo keeps to a folder of its own, so that a later start with `--empty` finds nothing of it. */
export function inDemoFolder(config: Config): Config {
  const dataDir = join(config.dataDir, demoFolder);
  return {
    ...config,
    dataDir,
    databaseUrl: `sqlite:${join(dataDir, databaseFile)}`,
    secrets: secretsIn(dataDir),
  };
}

/**
 * Where a plain start finds its data: in the demo's folder as long as there is a demo and nothing else. A firm that once
 * looked at it, and whose settings stand where this command does not see them, has recordings or lists beside it.
 */
export function whereDataIs(config: Config): Config {
  const demo = inDemoFolder(config);
  if (!mayShowDemo(config) || !existsSync(join(demo.dataDir, databaseFile))) return config;
  return readdirSync(config.dataDir).every((name) => besideDemo.has(name)) ? demo : config;
}

/** A start that was cut off while it filled the demo: nobody could ever sign in to what is there. */
export function removeHalfDemo({ dataDir }: Config): void {
  if (!existsSync(join(dataDir, seedingMark))) return;
  for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, databaseFile + end), { force: true });
}

/** Kept from the garbage collector, which would let go of the lock. */
const held = new Set<BetterSqlite3.Database>();

/**
 * Holds a SQLite database for this process until it ends, in whatever way: two whole products on one file would each
 * hold agents and lines that the other knows nothing of. Nothing to hold on a database server.
 * @throws ConfigError naming the process that has it
 */
export function holdDatabase({ databaseUrl, dataDir, publicUrl }: Config): void {
  if (!databaseUrl.startsWith('sqlite:') || databaseUrl.endsWith(':memory:')) return;
  const file = resolve(sqliteFile(databaseUrl, dataDir));
  const holder = `${file}.holder`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Nothing is ever written to it: it is there for its lock, which the system lets go of when the process is gone.
  const lock = new BetterSqlite3(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    const who = existsSync(holder) ? ` (${readFileSync(holder, 'utf8').trim()})` : '';
    throw new ConfigError(
      `Ringwise runs on ${file} already${who}. Stop that one first, or choose another folder with DATA_DIR`,
    );
  }
  held.add(lock);
  writeFileSync(holder, `process ${process.pid}, ${publicUrl}\n`, { mode: 0o600 });
}
