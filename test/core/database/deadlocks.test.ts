import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { after, before, beforeEach, describe, it } from 'mocha';
import type { Database } from '../../../core/database/database.ts';
import { openDatabase } from '../../../core/database/open-database.ts';
import { createLog } from '../../../core/log/log.ts';
import { eventually } from '../../support/eventually.ts';
import { mariadb } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';

describe('deadlocks on MariaDB', function () {
  this.timeout(60_000);
  let db: Database;

  before(async function () {
    const server = await mariadb();
    if (!server) skip(this, 'MariaDB is not installed');
    db = openDatabase({ url: await server.createDatabase(), dataDir: '/nowhere', log: createLog('silent') });
    await db.knex.raw('create table shelves (id int primary key, n int not null) engine=innodb');
    await db.knex.raw(
      `create table books (id int auto_increment primary key, first_shelf int not null, second_shelf int not null,
         foreign key (first_shelf) references shelves (id), foreign key (second_shelf) references shelves (id)) engine=innodb`,
    );
  });
  after(() => db?.close());
  beforeEach(async () => {
    await db.knex('books').delete();
    await db.knex('shelves').delete();
    await db.insertMany(
      'shelves',
      Array.from({ length: 100 }, (_, n) => ({ id: n + 1, n: 0 })),
    );
  });

  /** Takes shelf 2, waits until `victim` has shelf 1 and waits for 2, then asks for 1: having done more, it is let go on. */
  async function crossing<T>(victim: () => Promise<T>): Promise<T> {
    const other = await db.knex.transaction();
    await other('shelves').where('id', '>', 1).increment('n', 1);
    const done = victim();
    done.catch(() => {});
    // The server shows for a tenth of a second how it was: the one before would be taken for this one.
    await pause(200);
    await eventually(async () => {
      const [rows] = (await db.knex.raw(
        `select 1 from information_schema.innodb_trx t join information_schema.processlist p
         on p.id = t.trx_mysql_thread_id where t.trx_state = 'LOCK WAIT' and p.db = database()`,
      )) as [unknown[]];
      assert.equal(rows.length, 1);
    });
    await other('shelves').where({ id: 1 }).increment('n', 1);
    await other.commit();
    return done;
  }
  const countsOf = (...ids: number[]) =>
    db.knex('shelves').whereIn('id', ids).orderBy('id').pluck<number[]>('n');
  const deadlocks = async () =>
    Number(((await db.knex.raw(`show global status like 'Innodb_deadlocks'`)) as [[{ Value: string }]])[0][0].Value); // prettier-ignore

  it('takes a single update up again', async () => {
    const before = await deadlocks();
    assert.equal(await crossing(async () => db.knex('shelves').whereIn('id', [1, 2]).increment('n', 10)), 2);
    assert.ok((await deadlocks()) > before, 'there was one');
    assert.deepEqual(await countsOf(1, 2), [11, 11]);
  });

  it('takes a single insert up again, and gives the id of the row that is there', async () => {
    const before = await deadlocks();
    const id = await crossing(() => db.insertId('books', { first_shelf: 1, second_shelf: 2 }));
    assert.ok((await deadlocks()) > before, 'there was one');
    assert.deepEqual(await db.knex('books').pluck('id'), [id]);
  });

  it('takes a transaction up again as a whole, and never one of its statements alone', async () => {
    let runs = 0;
    await crossing(() =>
      db.transaction(async (trx) => {
        runs += 1;
        await trx('shelves').where({ id: 1 }).increment('n', 10);
        await trx('shelves').where({ id: 2 }).increment('n', 10);
      }),
    );
    assert.equal(runs, 2);
    assert.deepEqual(await countsOf(1, 2), [11, 11]);
  });
});
