import knexFactory, { type Knex } from 'knex';
import type { Logger } from '../log/log.ts';
import { isDeadlock, retrySingleStatements } from './deadlocks.ts';
import { mariadbAddress } from './mariadb-address.ts';
import type { EngineSide } from './knex-database.ts';

export interface MariadbOptions {
  /** A connection whose statement gets no byte of an answer for this long is given up (60,000). */
  silenceMs?: number;
  poolSize?: number;
  /** How long a query waits for a free or a new connection (5,000). */
  acquireMs?: number;
}

const lockSeconds = 600;

interface Connection {
  readonly stream: {
    setTimeout(ms: number): void;
    on(event: 'timeout', listener: () => void): void;
    destroy(error?: Error): void;
  };
  query(sql: string, done: (error: Error | null) => void): void;
}

/** MariaDB 10.6+ or MySQL 8 at a `mysql://` or `mariadb://` address. */
export function mariadbSide(url: string, log: Logger, options: MariadbOptions = {}): EngineSide {
  const { silenceMs = 60_000, poolSize = 10, acquireMs = 5_000 } = options;
  let migrating = false;
  const knex = knexFactory({
    client: 'mysql2',
    compileSqlOnError: false, // Values are people's names and numbers; errors are logged.
    connection: connectionSettings(url),
    acquireConnectionTimeout: acquireMs,
    pool: {
      min: 0,
      max: poolSize,
      destroyTimeoutMillis: 1_000,
      createRetryIntervalMillis: 200,
      propagateCreateError: true,
      afterCreate(connection: Connection, done: (error: Error | null) => void) {
        endWhenSilent(connection, silenceMs, () => migrating);
        connection.query(
          // `||` joins strings, as on SQLite; a value that does not fit is an error, as it should be.
          `set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT', ` +
            `time_zone = '+00:00', innodb_lock_wait_timeout = 10`,
          (error) =>
            error
              ? done(error)
              : connection.query('set session transaction isolation level read committed', done),
        );
      },
    },
    log: knexLog(log),
  });
  retrySingleStatements(knex, log);
  return {
    engine: 'mariadb',
    knex,
    hasSkipLocked: true,
    isRetryable: isDeadlock,
    reserveIds: (table, count) => reserveIds(knex, table, count),
    withMigrationLock: (work) =>
      withNamedLock(knex, async () => {
        migrating = true;
        try {
          return await work();
        } finally {
          migrating = false;
        }
      }),
  };
}

function connectionSettings(url: string): Record<string, unknown> {
  const { socketPath, host, port, user, password, database, tls } = mariadbAddress(url);
  return {
    ...(socketPath ? { socketPath } : { host, port }),
    ...{ user, password, database },
    ...(tls ? { ssl: { ...tls, rejectUnauthorized: true } } : {}),
    charset: 'utf8mb4',
    timezone: 'Z',
    // Epoch milliseconds and sums come back as numbers, as they do on SQLite.
    supportBigNumbers: true,
    bigNumberStrings: false,
    decimalNumbers: true,
    connectTimeout: 3_000,
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
    infileStreamFactory: undefined,
  };
}

/**
 * A server that vanished without closing the connection never answers, and mysql2 would wait for ever. An idle
 * connection that meets the time-out is closed as well; the pool makes a new one. While the schema is changed a server
 * may rebuild a large table for hours and say nothing; one that vanished is then found by TCP's own keep-alive.
 */
function endWhenSilent(connection: Connection, silenceMs: number, mayBeSilent: () => boolean): void {
  const { stream } = connection;
  stream.setTimeout(silenceMs);
  stream.on('timeout', () => {
    if (mayBeSilent()) stream.setTimeout(silenceMs);
    else
      stream.destroy(
        Object.assign(new Error(`the database was silent for ${silenceMs} ms`), { code: 'ETIMEDOUT' }),
      );
  });
}

/**
 * The counter of a table does not roll back: a row with a high id, inserted and taken back, moves it past the ids set
 * aside. Others may get ids between the two steps, but hardly more than were asked for: that many are left out.
 */
async function reserveIds(knex: Knex, table: string, count: number): Promise<number> {
  const probe = await probeRow(knex, table);
  const trx = await knex.transaction();
  try {
    const [reported] = await trx(table).insert(probe);
    const first = Number(reported) + count;
    // The second is its equal in all but the id, which a unique column would refuse.
    await trx(table).where({ id: reported }).delete();
    await trx(table).insert({ ...probe, id: first + count });
    return first;
  } finally {
    await trx.rollback();
  }
}

/** A row with an empty value for each column that must have one. */
async function probeRow(knex: Knex, table: string): Promise<Record<string, string | number>> {
  const [columns] = (await knex.raw('show columns from ??', [table])) as [
    { Field: string; Type: string; Null: string; Default: unknown; Extra: string }[],
  ];
  const needed = columns.filter(
    (column) => column.Null === 'NO' && column.Default === null && !column.Extra.includes('auto_increment'),
  );
  return Object.fromEntries(needed.map(({ Field, Type }) => [Field, /char|text/i.test(Type) ? '' : 0]));
}

/** Serialises migrations over all processes of this database by a server lock, which ends with its connection. */
async function withNamedLock<T>(knex: ReturnType<typeof knexFactory>, work: () => Promise<T>): Promise<T> {
  const client = knex.client as {
    acquireConnection(): Promise<Connection>;
    releaseConnection(connection: Connection): Promise<void>;
  };
  const connection = await client.acquireConnection();
  connection.stream.setTimeout(0); // It is silent for as long as another process migrates.
  try {
    const [rows] = await knex
      .raw(`select get_lock(concat('ringwise-migrate-', database()), ?) as held`, [lockSeconds])
      .connection(connection);
    if ((rows as { held: number }[])[0]?.held !== 1)
      throw new Error(
        `another process has been migrating this database for ${lockSeconds} s; try again later`,
      );
    return await work();
  } finally {
    connection.stream.destroy();
    await client.releaseConnection(connection);
  }
}

function knexLog(log: Logger) {
  const text = (message: unknown) => (typeof message === 'string' ? message : String(message));
  return {
    warn: (message: unknown) => log.debug(text(message)),
    error: (message: unknown) => log.error(text(message)),
    deprecate: (message: unknown) => log.debug(text(message)),
    debug: (message: unknown) => log.trace(text(message)),
  };
}
