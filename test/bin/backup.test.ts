import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { after, before, describe, it } from 'mocha';
import { backUp } from '../../core/backup/back-up.ts';
import { testApp, type TestApp } from '../support/app.ts';
import { temporaryFolder } from '../support/servers.ts';

describe('a backup', () => {
  let app: TestApp;
  before(async () => {
    app = await testApp();
    mkdirSync(join(app.config.dataDir, 'recordings/2026'), { recursive: true });
    writeFileSync(join(app.config.dataDir, 'recordings/2026/a.wav'), 'sound');
    writeFileSync(join(app.config.dataDir, 'secret.json'), 'keys');
  });
  after(() => app.close());

  it('has what was just written to a database in use, and the files', async () => {
    const { knex } = app.db;
    await knex('settings').insert({ key: 'test.backup', value: '"now"', updated_at: 1, updated_by: null });
    const log = join(app.config.dataDir, 'ringwise.sqlite-wal');
    assert.ok(statSync(log).size > 0, 'the row is still in the log alone');
    const target = join(temporaryFolder('backup'), 'new');
    const done = await backUp(app.config, target);
    assert.equal(done.database, join(target, 'ringwise.sqlite'));
    const copy = new BetterSqlite3(done.database!, { readonly: true });
    assert.deepEqual(copy.prepare("select value from settings where key = 'test.backup'").get(), {
      value: '"now"',
    });
    assert.equal(copy.pragma('integrity_check', { simple: true }), 'ok');
    copy.close();
    assert.equal(readFileSync(join(target, 'recordings/2026/a.wav'), 'utf8'), 'sound');
    assert.equal(readFileSync(join(target, 'secret.json'), 'utf8'), 'keys');
  });

  it('fault: the database has another ending, and its log goes on after the copy – the log is left out', async () => {
    const dataDir = temporaryFolder('backup');
    const own = new BetterSqlite3(join(dataDir, 'firm.db'));
    own.pragma('journal_mode = wal');
    own.exec('create table t (a); insert into t values (1)');
    writeFileSync(join(dataDir, 'firm.db.txt'), 'a file like any other');
    const target = temporaryFolder('backup');
    const done = await backUp({ dataDir, databaseUrl: `sqlite:${join(dataDir, 'firm.db')}` }, target);
    own.close();
    assert.deepEqual(readdirSync(target).sort(), ['firm.db', 'firm.db.txt']);
    assert.equal(done.files, 2);
  });

  it('says of a database on a server that it is not in it', async () => {
    const target = temporaryFolder('backup');
    const done = await backUp({ ...app.config, databaseUrl: 'mysql://u:p@h/d' }, target);
    assert.equal(done.database, null);
  });

  it('goes into no folder that has something, nor into the data folder', async () => {
    const full = temporaryFolder('backup');
    writeFileSync(join(full, 'other'), '');
    await assert.rejects(backUp(app.config, full), /is not empty/);
    await assert.rejects(backUp(app.config, join(app.config.dataDir, 'backup')), /within/);
  });
});
