import { isAbsolute, join } from 'node:path';
import type { Logger } from '../log/log.ts';
import { paths } from '../paths.ts';
import type { Database } from './database.ts';
import { KnexDatabase } from './knex-database.ts';
import { mariadbSide, type MariadbOptions } from './mariadb.ts';
import { sqliteSide } from './sqlite.ts';

export interface OpenDatabaseOptions extends MariadbOptions {
  /** `sqlite:PATH` (relative to the data folder), `sqlite::memory:`, `mysql://…` or `mariadb://…`. */
  url: string;
  dataDir: string;
  log: Logger;
  /** Where migrations lie; those of the product unless a test brings its own. */
  migrationsFolder?: string;
}

/** Opens the database of `url`. Nothing is sent to a server before the first query. */
export function openDatabase(options: OpenDatabaseOptions): Database {
  const { url, dataDir, log, migrationsFolder = paths.migrations, ...mariadb } = options;
  const common = { log, migrationsFolder };
  if (url.startsWith('sqlite:')) return new KnexDatabase(sqliteSide(sqliteFile(url, dataDir)), common);
  if (/^(mysql|mariadb):\/\//.test(url)) return new KnexDatabase(mariadbSide(url, log, mariadb), common);
  throw new Error('DATABASE_URL must begin with sqlite:, mysql:// or mariadb://');
}

/** Where the database of a `sqlite:` address lies. */
export function sqliteFile(url: string, dataDir: string): string {
  const path = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
  if (path === ':memory:') return path;
  return isAbsolute(path) ? path : join(dataDir, path);
}
