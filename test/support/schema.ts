import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import { openDatabase } from '../../core/database/open-database.ts';
import { createLog } from '../../core/log/log.ts';
import { program, temporaryFolder } from './servers.ts';

/*
 * Every test has a database of its own. Migrating each anew was most of what tests waited for, so the migrations run
 * once for each engine in a test process, and what they made is copied.
 */

const templates = new Map<string, Promise<string>>();

/** Gives an empty database of a test the newest schema. One that has tables, or is not there to be filled, stays as it is. */
export async function bringSchema(url: string): Promise<void> {
  const [, file] = /^sqlite:(\/.*)$/.exec(url) ?? [];
  if (file && !existsSync(file)) return copySqlite(file);
  if (url.startsWith('mysql:')) await copyMariadb(url);
}

function once(key: string, make: () => Promise<string>): Promise<string> {
  const made = templates.get(key) ?? make();
  templates.set(key, made);
  return made;
}

async function copySqlite(file: string): Promise<void> {
  const template = await once('sqlite', async () => {
    const path = join(temporaryFolder('schema'), 'schema.sqlite');
    await migrated(`sqlite:${path}`);
    return path;
  });
  copyFileSync(template, file);
  chmodSync(file, 0o600);
}

async function copyMariadb(url: string): Promise<void> {
  const dump = program('mariadb-dump');
  const target = await mysql.createConnection({ uri: url, multipleStatements: true });
  try {
    const [tables] = await target.query<mysql.RowDataPacket[]>('show tables');
    if (!dump || tables.length > 0) return;
    const { host, hostname, port, username } = new URL(url);
    const template = await once(host, async () => {
      const name = `schema_${process.pid}_${port}`;
      await target.query('create database ??', [name]);
      await migrated(new URL(`/${name}`, url).href);
      const args = [`--host=${hostname}`, `--port=${port}`, `--user=${username}`, '--skip-dump-date', name];
      // The address may be a proxy in this process, so nothing may block it.
      return (await promisify(execFile)(dump, args, { maxBuffer: 2 ** 28 })).stdout;
    });
    await target.query(template);
  } finally {
    await target.end();
  }
}

async function migrated(url: string): Promise<void> {
  const db = openDatabase({ url, dataDir: '/nowhere', log: createLog('silent') });
  try {
    await db.migrate();
  } finally {
    await db.close();
  }
}
