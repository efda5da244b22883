import type { Knex } from 'knex';
import type { Logger } from '../log/log.ts';
import { LoadNotAllowed, loadRows, valuesOfLine, type LoadRow } from './bulk-load.ts';
import type { Database, Engine } from './database.ts';
import { untilNoDeadlock } from './deadlocks.ts';
import { hideValues } from './errors.ts';
import { FolderMigrationSource } from './migration-source.ts';

/** What differs between the engines, handed to the one implementation of `Database`. */
export interface EngineSide {
  readonly engine: Engine;
  readonly knex: Knex;
  /** Whether the engine has `for update skip locked`. */
  readonly hasSkipLocked: boolean;
  /** True when the engine gave up on a transaction that may simply be tried again (a deadlock). */
  isRetryable(error: unknown): boolean;
  /** See `Database.reserveIds`. */
  reserveIds(table: string, count: number, trx: Knex.Transaction): Promise<number>;
  /** Runs `work` while no other process migrates. The lock dies with its process. */
  withMigrationLock<T>(work: () => Promise<T>): Promise<T>;
}

export interface DatabaseOptions {
  log: Logger;
  migrationsFolder: string;
}

const maxRowsPerInsert = 400;
/** SQLite takes 32,766 bindings in a statement, MariaDB 65,535. */
const maxBindings = 30_000;
const pingMs = 2_000;

export class KnexDatabase implements Database {
  readonly engine: Engine;
  readonly knex: Knex;
  readonly #side: EngineSide;
  readonly #options: DatabaseOptions;
  #closing: Promise<void> | undefined;
  #streams: boolean;

  constructor(side: EngineSide, options: DatabaseOptions) {
    this.engine = side.engine;
    this.knex = side.knex;
    side.knex.on('query-error', hideValues);
    this.#side = side;
    this.#streams = side.engine === 'mariadb';
    this.#options = options;
  }

  async transaction<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    const { isRetryable } = this.#side;
    return untilNoDeadlock(this.#options.log, () => this.knex.transaction(work), isRetryable);
  }

  skipLocked<Q extends Knex.QueryBuilder>(query: Q): Q {
    return this.#side.hasSkipLocked ? (query.forUpdate().skipLocked() as Q) : query;
  }

  async insertMany(table: string, rows: readonly object[], trx?: Knex.Transaction): Promise<number> {
    if (rows.length === 0) return 0;
    const columns = Math.max(1, ...rows.slice(0, 50).map((row) => Object.keys(row).length));
    const size = Math.max(1, Math.min(maxRowsPerInsert, Math.floor(maxBindings / columns)));
    const insert = async (target: Knex.Transaction): Promise<void> => {
      for (let from = 0; from < rows.length; from += size)
        await target(table).insert(rows.slice(from, from + size));
    };
    if (trx) await insert(trx);
    else if (rows.length > size) await this.transaction(insert);
    // One statement is a transaction already: a round trip to the database and not four.
    else await this.knex(table).insert(rows);
    return rows.length;
  }

  async load(
    table: string,
    columns: readonly string[],
    rows: readonly LoadRow[],
    trx: Knex.Transaction,
  ): Promise<void> {
    if (rows.length === 0) return;
    if (this.#streams) {
      try {
        return await loadRows(table, columns, rows, trx);
      } catch (error) {
        if (!(error instanceof LoadNotAllowed)) throw error;
        this.#streams = false;
        this.#options.log.warn('LOAD DATA LOCAL is off (local_infile): large imports will take longer');
      }
    }
    const objects = rows.map((row) => {
      const values = typeof row === 'string' ? valuesOfLine(row) : row;
      return Object.fromEntries(columns.map((name, at) => [name, values[at] ?? null]));
    });
    await this.insertMany(table, objects, trx);
  }

  async reserveIds(table: string, count: number, trx: Knex.Transaction): Promise<number> {
    return this.#side.reserveIds(table, count, trx);
  }

  async insertId(table: string, row: object, trx?: Knex.Transaction): Promise<number> {
    const [id] = await (trx ?? this.knex)(table).insert(row);
    return Number(id);
  }

  async migrate(): Promise<void> {
    await this.#side.withMigrationLock(async () => {
      const config = { migrationSource: new FolderMigrationSource(this.#options.migrationsFolder) };
      // Ours is the lock that counts. Knex's own, a row in a table, outlives a process that died with it.
      await this.knex.migrate.forceFreeMigrationsLock(config);
      const [batch, done] = (await this.knex.migrate.latest(config)) as [number, string[]];
      if (done.length > 0)
        this.#options.log.info({ batch, migrations: done.length }, 'database schema updated');
    });
  }

  async ping(timeoutMs = pingMs): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the database did not answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
    });
    const answer = Promise.resolve(this.knex.raw('select 1'));
    answer.catch(() => {}); // A late failure has been reported as a time-out already.
    try {
      await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.knex.destroy();
    return this.#closing;
  }
}
