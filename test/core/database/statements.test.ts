import assert from 'node:assert/strict';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, it } from 'mocha';
import sinon from 'sinon';
import type { Database } from '../../../core/database/database.ts';
import { openDatabase } from '../../../core/database/open-database.ts';
import { createLog } from '../../../core/log/log.ts';

describe('statements on SQLite', () => {
  let db: Database;
  let prepare: sinon.SinonSpy;
  beforeEach(() => {
    prepare = sinon.spy(BetterSqlite3.prototype, 'prepare');
    db = openDatabase({ url: 'sqlite::memory:', dataDir: '', log: createLog('silent') });
  });
  afterEach(async () => {
    sinon.restore();
    await db.close();
  });
  const prepared = (sql: string) => prepare.getCalls().filter(({ args }) => args[0] === sql).length;

  it('are prepared once, however long they are', async () => {
    const long = `select ${Array.from({ length: 1_200 }, (_, n) => `? as c${n}`).join(', ')}`;
    assert.ok(long.length > 10_000);
    for (let n = 0; n < 3; n += 1) {
      const values = Array.from({ length: 1_200 }, () => n);
      const [row] = (await db.knex.raw(long, values)) as { c7: number }[];
      assert.equal(row!.c7, n);
    }
    assert.equal(prepared(long), 1);
  });

  it('are kept while they are in use, whatever comes and goes beside them', async () => {
    const used = 'select 1 as used';
    for (let n = 0; n < 700; n += 1) {
      await db.knex.raw(`select ${n} as other`);
      await db.knex.raw(used);
    }
    assert.equal(prepared(used), 1);
  });
});
