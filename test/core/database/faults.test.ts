import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'mocha';
import mysql from 'mysql2/promise';
import type { Database } from '../../../core/database/database.ts';
import { isDatabaseDown, isRefusedForGood } from '../../../core/database/errors.ts';
import { FolderMigrationSource } from '../../../core/database/migration-source.ts';
import { openDatabase } from '../../../core/database/open-database.ts';
import { createLog } from '../../../core/log/log.ts';
import { paths } from '../../../core/paths.ts';
import { mariadb, startMariadb, temporaryFolder, type TestMariadb } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';
import { tcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

const log = createLog('silent');
const missing = 'MariaDB is not installed';
const migrator = fileURLToPath(new URL('migrator.ts', import.meta.url));

/** Migrates in a process of its own, which kills itself in the migration `dieIn`. Returns how it ended. */
function migrateElsewhere(url: string, folder: string, dieIn?: string): Promise<string> {
  return new Promise((resolve) => {
    const child = fork(migrator, [url, folder], {
      env: { ...process.env, DIE_IN: dieIn ?? '' },
      silent: true,
    });
    let said = '';
    child.stdout!.on('data', (chunk) => (said += chunk));
    child.stderr!.on('data', (chunk) => (said += chunk));
    child.on('exit', (code, signal) => resolve(signal ?? `${code} ${said}`));
  });
}

/** Three migrations that fail when one of them is run twice, as two processes beside each other would. */
function migrationsFolder(): string {
  const folder = join(temporaryFolder('migrations'), 'migrations');
  mkdirSync(folder);
  for (const [name, table] of [
    ['0001-first', 'first'],
    ['0002-second', 'second'],
    ['0003-third', 'third'],
  ])
    writeFileSync(
      join(folder, `${name}.ts`),
      `export async function up(knex) {
         if (process.env.DIE_IN === '${name}') process.kill(process.pid, 'SIGKILL');
         await knex.schema.createTable('${table}', (t) => { t.increments('id'); });
         await new Promise((resolve) => setTimeout(resolve, 30));
       }
       export async function down() {}\n`,
    );
  return folder;
}

for (const engine of ['SQLite', 'MariaDB'] as const)
  describe(`migrations on ${engine}`, function () {
    this.timeout(60_000);
    let newDatabase: () => Promise<string>;

    before(async function () {
      if (engine === 'SQLite') {
        newDatabase = async () => `sqlite:${join(temporaryFolder('migrate'), 'm.sqlite')}`;
        return;
      }
      const server = await mariadb();
      if (!server) skip(this, missing);
      newDatabase = () => server.createDatabase();
    });

    it('are done once by three processes that start at once', async () => {
      const [url, folder] = [await newDatabase(), migrationsFolder()];
      const ends = await Promise.all([1, 2, 3].map(() => migrateElsewhere(url, folder)));
      assert.deepEqual(ends, ['0 ', '0 ', '0 ']);
      assert.deepEqual(await recorded(url, folder), ['0001-first', '0002-second', '0003-third']);
    });

    it('fault: a process is killed in the middle; the next one takes up where it was', async () => {
      const [url, folder] = [await newDatabase(), migrationsFolder()];
      assert.equal(await migrateElsewhere(url, folder, '0002-second'), 'SIGKILL');
      if (engine === 'MariaDB') {
        // The table of a cut-off run is there or not; a migration of the product can be repeated, these cannot.
        const db = openDatabase({ url, dataDir: '/nowhere', log });
        const done = await db
          .knex('knex_migrations')
          .select('name')
          .catch(() => []);
        if (done.length === 0) await db.knex.schema.dropTableIfExists('first');
        await db.close();
      }
      assert.equal(await migrateElsewhere(url, folder), '0 ');
      assert.deepEqual(await recorded(url, folder), ['0001-first', '0002-second', '0003-third']);
    });

    it('of the product can each be repeated, and all be taken back', async () => {
      const db = openDatabase({ url: await newDatabase(), dataDir: '/nowhere', log });
      const done = async () => (await db.knex('knex_migrations').select('name')).length as number;
      await db.migrate();
      const count = await done();
      assert.ok(count > 30);
      await db.knex('knex_migrations').delete(); // As if each had been cut off before it was recorded.
      await db.migrate();
      assert.equal(await done(), count);
      const migrationSource = new FolderMigrationSource(paths.migrations);
      await db.knex.migrate.rollback({ migrationSource }, true);
      assert.equal(await done(), 0);
      await db.migrate();
      assert.equal(await done(), count);
      await db.close();
    });

    async function recorded(url: string, folder: string): Promise<string[]> {
      const db = openDatabase({ url, dataDir: '/nowhere', log, migrationsFolder: folder });
      const rows = (await db.knex('knex_migrations').orderBy('id').select('name')) as { name: string }[];
      await db.close();
      return rows.map((row) => row.name);
    }
  });

describe('faults of MariaDB', function () {
  this.timeout(60_000);
  let server: TestMariadb;
  let proxy: TcpProxy;
  let db: Database;

  before(async function () {
    const started = await startMariadb();
    if (!started) skip(this, missing);
    server = started;
    proxy = await tcpProxy(server.port);
    const url = (await server.createDatabase()).replace(`:${server.port}/`, `:${proxy.port}/`);
    db = openDatabase({ url, dataDir: '/nowhere', log, silenceMs: 500, acquireMs: 1_000 });
    await db.knex.schema.createTable('things', (table) => void table.increments('id'));
  });
  after(async () => {
    await db?.close();
    await proxy?.close();
    await server?.stop();
  });

  const works = async () => {
    await db.ping();
    const id = await db.transaction((trx) => db.insertId('things', {}, trx));
    assert.ok(await db.knex('things').where({ id }).first());
  };

  it('fault: the server stops for some seconds, in the middle of a transaction, and comes back', async () => {
    await works();
    const before = await count();
    const cutOff = assert.rejects(
      db.transaction(async (trx) => {
        await trx('things').insert({});
        await server.stop();
        await trx('things').insert({});
      }),
    );
    await cutOff;
    const began = performance.now();
    await assert.rejects(db.ping());
    await assert.rejects(async () => db.knex('things').first());
    assert.ok(performance.now() - began < 5_000, 'a query must not wait for a server that is away');
    await server.start();
    await works();
    assert.equal(await count(), before + 1);
  });

  it('fault: every connection is reset', async () => {
    await Promise.all([works(), works(), works()]);
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, 50)); // Until the resets have arrived.
    await Promise.all([works(), works(), works()]);
  });

  it('fault: the connection is half open (bytes vanish, nobody is told)', async () => {
    await works();
    proxy.stall();
    const query = assert.rejects(async () => db.knex('things').first(), /silent|lost/);
    await assert.rejects(db.ping(100), /within 100 ms/);
    await query;
    proxy.resume();
    await works();
  });

  it('a migration may be silent for as long as it takes, and a query no longer than before', async () => {
    const migrationsFolder = join(temporaryFolder('slow'), 'migrations');
    mkdirSync(migrationsFolder);
    writeFileSync(
      join(migrationsFolder, '0001-slow.ts'),
      `export const up = (knex) => knex.raw('select sleep(1.2)');
       export async function down() {}\n`,
    );
    const url = await server.createDatabase();
    const slow = openDatabase({ url, dataDir: '/nowhere', log, silenceMs: 300, migrationsFolder });
    await slow.migrate();
    assert.equal((await slow.knex('knex_migrations')).length, 1);
    await assert.rejects(async () => slow.knex.raw('select sleep(1.2)'), /silent|lost/);
    await slow.close();
  });

  it('an idle connection may be silent for longer than a query', async () => {
    await works();
    await new Promise((resolve) => setTimeout(resolve, 700));
    await works();
  });

  it('fault: it answers and lets no write through for as long as a connection may be silent – what was to be written is not to blame', async () => {
    await works();
    const other = await mysql.createConnection(server.url);
    await other.query('flush tables with read lock');
    const alone = async () => db.knex('things').insert({});
    const within = async () => db.transaction((trx) => trx('things').insert({}));
    for (const write of [alone, within]) {
      const error: unknown = await write().catch((thrown: unknown) => thrown);
      assert.ok(error instanceof Error);
      assert.deepEqual([isRefusedForGood(error), isDatabaseDown(error)], [false, true]);
      await db.ping();
    }
    await other.end();
    await works();
  });

  async function count(): Promise<number> {
    const [row] = await db.knex('things').count({ c: '*' });
    return Number(row!.c);
  }
});

describe('wrong databases', () => {
  it('are named in the error', async () => {
    assert.throws(() => openDatabase({ url: 'postgres://x/y', dataDir: '/tmp', log }), /DATABASE_URL/);
  });

  it('a migration that is recorded but missing is named', async () => {
    const dataDir = temporaryFolder('wrong');
    const db = openDatabase({ url: 'sqlite:a.sqlite', dataDir, log, migrationsFolder: migrationsFolder() });
    await db.migrate();
    await db.knex('knex_migrations').insert({ name: '0009-from-the-future', batch: 2, migration_time: 0 });
    await assert.rejects(db.migrate(), /0009-from-the-future/);
    await db.close();
  });
});
