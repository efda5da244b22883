import BetterSqlite3 from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import knexFactory, { type Knex } from 'knex';
import type { EngineSide } from './knex-database.ts';

/** How long a statement outside a transaction waits for another process that writes. */
const busyTimeoutMs = 5_000;
/** How long a transaction does. */
const writerWaitMs = 15_000;
const lockPauseMs = 50;

interface Connection {
  pragma(source: string): unknown;
  exec(sql: string): unknown;
}

/** SQLite in `file`, or `:memory:`: one connection, so one writer and no query beside an open transaction. */
export function sqliteSide(file: string): EngineSide {
  const inMemory = file === ':memory:';
  if (!inMemory) mkdirSync(dirname(file), { recursive: true });
  const knex = knexFactory({
    client: 'better-sqlite3',
    compileSqlOnError: false, // Values are people's names and numbers; errors are logged.
    connection: { filename: file },
    useNullAsDefault: true,
    acquireConnectionTimeout: 15_000,
    pool: {
      min: 1,
      max: 1,
      idleTimeoutMillis: 2 ** 31 - 1, // An in-memory database lives in its one connection.
      afterCreate(connection: Connection, done: (error?: Error) => void) {
        connection.pragma('journal_mode = WAL');
        connection.pragma('synchronous = NORMAL');
        connection.pragma('foreign_keys = ON');
        connection.pragma(`busy_timeout = ${busyTimeoutMs}`);
        connection.pragma('cache_size = -65536');
        connection.pragma('temp_store = MEMORY');
        done();
      },
    },
  });
  beginAsWriter(knex);
  return {
    engine: 'sqlite',
    knex,
    transactionConfig: {},
    hasSkipLocked: false,
    isRetryable: () => false,
    withMigrationLock: (work) => (inMemory ? work() : withFileLock(`${file}-migration-lock`, work)),
  };
}

/**
 * Begins every transaction as a writer. A deferred one that reads first and writes later fails at once, whatever the
 * busy time-out, when another process has written in between. While another process writes, it waits without
 * blocking this one, as SQLite's own busy time-out would.
 */
function beginAsWriter(knex: Knex): void {
  const client = knex.client as { transaction(...args: unknown[]): { begin: Begin } };
  const transaction = client.transaction.bind(client);
  client.transaction = (...args) => {
    const trx = transaction(...args);
    trx.begin = begin;
    return trx;
  };
}

type Begin = (connection: Connection) => Promise<void>;

const begin: Begin = async (connection) => {
  const deadline = performance.now() + writerWaitMs;
  for (;;) {
    connection.pragma('busy_timeout = 0');
    try {
      connection.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY' || performance.now() > deadline) throw error;
    } finally {
      connection.pragma(`busy_timeout = ${busyTimeoutMs}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2 + Math.random() * 20));
  }
};

/** Holds SQLite's own lock on a file beside the database: the system lets go of it when the process ends, however. */
async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = new BetterSqlite3(file, { timeout: 0 });
  try {
    for (;;) {
      try {
        lock.exec('BEGIN EXCLUSIVE');
        break;
      } catch (error) {
        if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
        await new Promise((resolve) => setTimeout(resolve, lockPauseMs));
      }
    }
    return await work();
  } finally {
    lock.close();
  }
}
