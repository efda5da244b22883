import BetterSqlite3 from 'better-sqlite3';
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import knexFactory, { type Knex } from 'knex';
import { sqliteFunctions } from './expressions.ts';
import type { EngineSide } from './knex-database.ts';

/** How long a statement outside a transaction waits for another process that writes. */
const busyTimeoutMs = 5_000;
/** How long a transaction does. */
const writerWaitMs = 15_000;
const lockPauseMs = 50;

/** SQLite works in this thread: after so long the rest of the process gets its turn, between two statements. */
const turnMs = 4;
const statementsKept = 300;
/** Looks into each bucket of a hopper have ten thousand; a list of many rows that is written once may have more. */
const longestKept = 16_000;

interface Connection {
  pragma(source: string): unknown;
  exec(sql: string): unknown;
  prepare(sql: string): unknown;
  function(name: string, options: { deterministic: boolean }, work: (value: unknown) => unknown): unknown;
}

/** SQLite in `file`, or `:memory:`: one connection, so one writer and no query beside an open transaction. */
export function sqliteSide(file: string): EngineSide {
  const inMemory = file === ':memory:';
  if (!inMemory) keepPrivate(file);
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
        for (const [name, work] of Object.entries(sqliteFunctions))
          connection.function(name, { deterministic: true }, work);
        keepStatements(connection);
        done();
      },
    },
  });
  beginAsWriter(knex);
  takeTurns(knex);
  return {
    engine: 'sqlite',
    knex,
    hasSkipLocked: false,
    isRetryable: () => false,
    // There is one writer, and the caller's transaction is it.
    async reserveIds(table, _count, trx) {
      const row = (await trx(table).max({ last: 'id' }).first()) as { last: number | null } | undefined;
      const used = (await trx('sqlite_sequence').where({ name: table }).first('seq')) as
        { seq: number } | undefined;
      return Math.max(row?.last ?? 0, used?.seq ?? 0) + 1;
    },
    withMigrationLock: (work) => (inMemory ? work() : withFileLock(`${file}-migration-lock`, work)),
  };
}

/** Made for its owner alone; SQLite gives the files beside it the same mode. */
function keepPrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  try {
    chmodSync(file, 0o600);
  } catch {
    // Another user's file that this one may write: its owner has seen to it.
  }
}

/** Preparing takes nearly as long as running a short statement; those used before are used again. */
function keepStatements(connection: Connection): void {
  const kept = new Map<string, unknown>();
  const prepare = connection.prepare.bind(connection);
  connection.prepare = (sql) => {
    const known = kept.get(sql);
    if (known) {
      // Those that were not used for longest are forgotten first.
      kept.delete(sql);
      kept.set(sql, known);
      return known;
    }
    const statement = prepare(sql);
    if (/^\s*(create|alter|drop|pragma|vacuum)/i.test(sql)) kept.clear();
    else if (sql.length < longestKept) kept.set(sql, statement);
    if (kept.size > statementsKept) kept.delete(kept.keys().next().value!);
    return statement;
  };
}

/**
 * A chain of statements runs in one turn of the event loop, as nothing in it waits: a large transaction would keep
 * calls and pages waiting for as long as it takes.
 */
function takeTurns(knex: Knex): void {
  const client = knex.client as { _query(connection: unknown, query: unknown): Promise<unknown> };
  const query = client._query.bind(client);
  let turnBegan = performance.now();
  client._query = async (connection, statement) => {
    if (performance.now() - turnBegan > turnMs) {
      await new Promise((resolve) => setImmediate(resolve));
      turnBegan = performance.now();
    }
    return query(connection, statement);
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
