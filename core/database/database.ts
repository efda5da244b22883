import type { Knex } from 'knex';
import type { LoadRow } from './bulk-load.ts';

export type Engine = 'sqlite' | 'mariadb';

/** One database, on either engine. SQL goes through Knex bindings; what differs between engines is here. */
export interface Database {
  readonly engine: Engine;
  readonly knex: Knex;
  /**
   * Runs `work` in one transaction under READ COMMITTED (MariaDB) or as the one writer (SQLite). Inside, every query
   * must go through `trx`: a query beside it would wait for ever on SQLite. Where the engine gives up on it in a
   * deadlock it is run again, and so is, by itself, a statement outside of any.
   */
  transaction<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T>;
  /** Adds `for update skip locked` where the engine has it. */
  skipLocked<Q extends Knex.QueryBuilder>(query: Q): Q;
  /** Inserts in batches that both engines take. Returns the number of rows. */
  insertMany(table: string, rows: readonly object[], trx?: Knex.Transaction): Promise<number>;
  /**
   * Writes many rows of the same columns, as fast as the engine takes them: a stream on MariaDB, inserts on SQLite. A
   * row that does not fit, or whose key is there, is an error.
   */
  load(
    table: string,
    columns: readonly string[],
    rows: readonly LoadRow[],
    trx: Knex.Transaction,
  ): Promise<void>;
  /**
   * Sets `count` ids of a table with integer ids aside and returns the first; nobody else will get them, and those left
   * unused are lost. Inside a transaction on SQLite, of its own on MariaDB.
   */
  reserveIds(table: string, count: number, trx: Knex.Transaction): Promise<number>;
  /** Inserts a row and returns its integer id. */
  insertId(table: string, row: object, trx?: Knex.Transaction): Promise<number>;
  /** Brings the schema to the newest migration. Safe to repeat, and for two processes at once. */
  migrate(): Promise<void>;
  /** Rejects when the database does not answer within `timeoutMs` (2,000). */
  ping(timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

export type Queryable = Knex | Knex.Transaction;
