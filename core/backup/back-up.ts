import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import type { Config } from '../config/config.ts';
import { sqliteFile } from '../database/open-database.ts';

export interface BackUp {
  files: number;
  /** The copy of the database; null where it is on a server, which has ways of its own. */
  database: string | null;
}

/** What SQLite keeps beside a database: its copy is whole without, and would be undone by one of a later moment. */
const endings = ['', '-wal', '-shm', '-journal'];
const isOfDatabase = /\.sqlite(-(wal|shm|journal))?$/;
const isDatabase = /\.sqlite$/;

/**
 * Copies the data folder into a new folder while the product runs: databases of SQLite as they are at one moment, with
 * what is still in their logs; then the files, so that each file that the database knows of is there.
 * @throws Error in words where the folder cannot be had
 */
export async function backUp(
  { dataDir, databaseUrl }: Pick<Config, 'dataDir' | 'databaseUrl'>,
  into: string,
): Promise<BackUp> {
  const target = resolve(into);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new Error(`${target} is not empty: name a new folder.`);
  const within = relative(resolve(dataDir), target);
  if (!within.startsWith(`..${sep}`) && within !== '..')
    throw new Error(`${target} is within ${dataDir}: name a folder elsewhere, best on another disk.`);
  await mkdir(target, { recursive: true, mode: 0o700 });
  const own = databaseUrl.startsWith('sqlite:') ? resolve(sqliteFile(databaseUrl, dataDir)) : null;
  const ownName = own === null ? null : relative(dataDir, own);
  const outside = ownName?.startsWith('..') ?? false;
  const database = own === null ? null : join(target, outside ? basename(own) : ownName!);
  const files = await filesBelow(dataDir);
  const ofOwn = new Set(own === null ? [] : endings.map((ending) => `${own}${ending}`));
  const isOwn = (name: string) => ofOwn.has(resolve(dataDir, name));
  const databases = files.filter((name) => isDatabase.test(name) && !isOwn(name));
  if (own && database) await copyDatabase(own, database);
  for (const name of databases) await copyDatabase(join(dataDir, name), join(target, name));
  let copied = databases.length + (own ? 1 : 0);
  // Read again: what has come meanwhile may be in the database.
  for (const name of await filesBelow(dataDir))
    if (!isOwn(name) && !isOfDatabase.test(name) && (await copyOne(join(dataDir, name), join(target, name))))
      copied++;
  return { files: copied, database };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

async function copyDatabase(from: string, to: string): Promise<void> {
  await mkdir(join(to, '..'), { recursive: true, mode: 0o700 });
  const database = new BetterSqlite3(from, { fileMustExist: true });
  try {
    // In one step: a copy in several begins anew with each write, and would never end on a busy evening.
    await database.backup(to, { progress: () => 0x7fffffff });
  } finally {
    database.close();
  }
}

/** False for what was removed meanwhile. */
async function copyOne(from: string, to: string): Promise<boolean> {
  await mkdir(join(to, '..'), { recursive: true, mode: 0o700 });
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
