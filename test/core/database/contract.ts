import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'mocha';
import type { Database } from '../../../core/database/database.ts';
import { createTable } from '../../../migrations/support/tables.ts';

export interface DatabaseUnderTest {
  db: Database;
  /** Another process's view of the same database. */
  other: Database;
  close(): Promise<void>;
}

/** What every database must do, whatever its engine. `open` gives an empty one, or skips its suite. */
export function databaseContract(
  name: string,
  open: (context: Mocha.Context) => Promise<DatabaseUnderTest>,
): void {
  describe(`database contract: ${name}`, function () {
    this.timeout(60_000);
    let under: DatabaseUnderTest;
    let db: Database;

    before(async function () {
      under = await open(this);
      db = under.db;
      await createTable(db.knex, 'things', (table) => {
        table.id();
        table.text('name', 100).notNullable();
        table.time('at');
        table.int('n').notNullable().defaultTo(0);
        table.long('json');
        table.unique(['name'], 'things_name');
      });
    });
    after(() => under?.close());
    beforeEach(() => db.knex('things').delete());

    it('gives back epoch milliseconds, counts and sums as numbers', async () => {
      const at = 1_795_285_455_435;
      await db.knex('things').insert([
        { name: 'a', at, n: 1 },
        { name: 'b', at: 2 ** 53 - 1, n: 2 },
      ]);
      const rows = await db.knex('things').orderBy('name').select('at');
      assert.deepEqual(
        rows.map((row: { at: unknown }) => row.at),
        [at, 2 ** 53 - 1],
      );
      const [figures] = await db.knex('things').count({ c: '*' }).sum({ s: 'n' }).max({ m: 'at' });
      assert.deepEqual({ ...figures }, { c: 2, s: 3, m: 2 ** 53 - 1 });
    });

    it('keeps every character, and tells é from e and "tr " from "tr"', async () => {
      const names = ['é', 'e', 'E', 'tr', 'tr ', '李小龍 🎉', 'O\'Neil \\ "x"'];
      await db.insertMany(
        'things',
        names.map((it) => ({ name: it })),
      );
      const rows = (await db.knex('things').orderBy('id').select('name')) as { name: string }[];
      assert.deepEqual(
        rows.map((row) => row.name),
        names,
      );
      assert.equal(await found('e'), 1);
      assert.equal(await found('tr'), 1);
    });

    it('joins strings with ||', async () => {
      const rows = unwrap(await db.knex.raw(`select ? || ? as joined`, ['a', 'b'])) as { joined: string }[];
      assert.equal(rows[0]!.joined, 'ab');
    });

    it('refuses a value that does not fit instead of cutting it', async function () {
      if (db.engine === 'sqlite') {
        await assert.rejects(async () => db.knex('things').insert({ name: null }));
        return;
      }
      await assert.rejects(async () => db.knex('things').insert({ name: 'x'.repeat(101) }));
    });

    it('keeps values out of errors, which end up in logs', async () => {
      await db.knex('things').insert({ name: "O'Mei 李" });
      const failures = [
        db.knex('things').insert({ name: "O'Mei 李" }),
        db.transaction((trx) => trx('things').insert({ name: "O'Mei 李" })),
        db.knex('things').where({ name: "O'Mei 李", missing: 'hush' }),
      ].map((query) =>
        Promise.resolve(query).then(
          () => assert.fail('no error'),
          (error: Error) => error,
        ),
      );
      for (const error of await Promise.all(failures)) {
        const shown = `${error.message} ${error.stack} ${JSON.stringify({ ...error })}`;
        assert.match(shown, /things/);
        assert.doesNotMatch(shown, /Mei|李|hush/);
      }
      assert.match((await failures[2])!.message, /missing/);
    });

    it('inserts many rows in batches, all or none', async () => {
      const rows = Array.from({ length: 2_345 }, (_, i) => ({ name: `row ${i}`, n: i, at: i, json: '{}' }));
      assert.equal(await db.insertMany('things', rows), 2_345);
      assert.equal(await count(), 2_345);
      const clashing = [...Array.from({ length: 900 }, (_, i) => ({ name: `new ${i}` })), { name: 'row 7' }];
      await assert.rejects(db.insertMany('things', clashing), (error: Error) => {
        assert.ok(error.message.length < 300, `${error.message.length} characters`);
        return /unique|duplicate/i.test(error.message);
      });
      assert.equal(await count(), 2_345);
      assert.equal(await db.insertMany('things', []), 0);
    });

    it('returns the id of an inserted row, inside a transaction and beside one', async () => {
      const first = await db.insertId('things', { name: 'first' });
      const second = await db.transaction((trx) => db.insertId('things', { name: 'second' }, trx));
      assert.equal(typeof first, 'number');
      const row = await db.knex('things').where({ id: second }).first('name');
      assert.equal(row.name, 'second');
      assert.ok(second > first);
    });

    it('takes back everything when a transaction throws', async () => {
      await assert.rejects(
        db.transaction(async (trx) => {
          await trx('things').insert({ name: 'gone' });
          throw new Error('stop');
        }),
        /stop/,
      );
      assert.equal(await count(), 0);
    });

    it('takes back only the inner part when a nested transaction throws', async () => {
      await db.transaction(async (trx) => {
        await trx('things').insert({ name: 'stays' });
        await trx
          .transaction(async (inner) => {
            await inner('things').insert({ name: 'gone' });
            throw new Error('inner');
          })
          .catch(() => {});
      });
      assert.equal(await count(), 1);
    });

    it('does not let a transaction see what another has not committed, but what it has', async () => {
      await db.transaction(async (trx) => {
        await trx('things').insert({ name: 'mine' });
        assert.equal(await countIn(under.other), 0);
      });
      assert.equal(await countIn(under.other), 1);
    });

    it('lets transactions of two processes read first and write later, without a lost update', async () => {
      await db.knex('things').insert({ name: 'counter', n: 0 });
      const add = (side: Database) =>
        side.transaction(async (trx) => {
          const query = trx('things').where({ name: 'counter' });
          const row = await (side.engine === 'mariadb' ? query.forUpdate().first() : query.first());
          await trx('things')
            .where({ id: row.id })
            .update({ n: row.n + 1 });
        });
      await Promise.all(Array.from({ length: 20 }, (_, i) => add(i % 2 ? db : under.other)));
      const row = await db.knex('things').where({ name: 'counter' }).first('n');
      assert.equal(row.n, 20);
    });

    it('hands each row to one of many takers that skip locked rows', async () => {
      await db.insertMany(
        'things',
        Array.from({ length: 60 }, (_, i) => ({ name: `lead ${i}`, n: 0 })),
      );
      const taken: number[] = [];
      const take = async (side: Database): Promise<void> => {
        for (;;) {
          const ids = await side.transaction(async (trx) => {
            const free = trx('things').where({ n: 0 }).orderBy('id').limit(5).select('id');
            const rows = (await side.skipLocked(free)) as { id: number }[];
            const some = rows.map((row) => row.id);
            const moved = await trx('things').whereIn('id', some).where({ n: 0 }).update({ n: 1 });
            assert.equal(moved, some.length);
            return some;
          });
          if (ids.length === 0) return;
          taken.push(...ids);
        }
      };
      await Promise.all([take(db), take(under.other), take(db), take(under.other)]);
      assert.equal(taken.length, 60);
      assert.equal(new Set(taken).size, 60);
    });

    it('loads rows with every character and null as they are given, and adds them to those that are there', async () => {
      await db.knex('things').insert({ name: 'before', n: 1 });
      const names = [
        'tab\there',
        'two\nlines',
        'back\\slash',
        '\\N',
        'nul\0',
        'tr ',
        '李小龍 🎉',
        `"q" 'q', x`,
        '',
      ];
      const rows = names.map((name, at) => [name, at % 2 ? null : 2 ** 53 - 1, at] as const);
      await db.transaction((trx) => db.load('things', ['name', 'at', 'n'], rows, trx));
      const found = await db
        .knex('things')
        .whereNot({ name: 'before' })
        .orderBy('n')
        .select('name', 'at', 'n');
      assert.deepEqual(
        found.map((row: { name: string; at: number | null; n: number }) => [row.name, row.at, row.n]),
        rows,
      );
      assert.equal(await count(), names.length + 1);
    });

    it('loads more rows than one statement takes, and none at all', async () => {
      const rows = Array.from({ length: 5_000 }, (_, n) => [`row ${n}`, n]);
      await db.transaction(async (trx) => {
        await db.load('things', ['name', 'n'], [], trx);
        await db.load('things', ['name', 'n'], rows, trx);
      });
      const [sum] = await db.knex('things').count({ c: '*' }).sum({ s: 'n' });
      assert.deepEqual({ ...sum }, { c: 5_000, s: (4_999 * 5_000) / 2 });
    });

    it('fault: a row to be loaded does not fit, or its key is there: none of them stays', async () => {
      await db.knex('things').insert({ name: 'taken', n: 1 });
      const wrong = [
        [
          ['new', 1],
          ['taken', 2],
        ],
        [
          ['new', 1],
          ['new', 2],
        ],
        [
          ['new', 1],
          [null, 2],
        ],
      ];
      for (const rows of wrong) {
        const load = db.transaction((trx) => db.load('things', ['name', 'n'], rows, trx));
        await assert.rejects(load, Error);
        assert.equal(await count(), 1);
      }
      assert.equal((await db.knex('things').first('n'))!.n, 1);
    });

    it('sets ids aside that nobody else is given, by asking or by inserting', async () => {
      const taken: number[] = [];
      const take = (side: Database, size: number) =>
        side.transaction(async (trx) => {
          const first = await side.reserveIds('things', size, trx);
          const rows = Array.from({ length: size }, (_, n) => [first + n, `${first + n}`]);
          await side.load('things', ['id', 'name'], rows, trx);
          taken.push(...rows.map(([id]) => Number(id)));
        });
      const insert = async (side: Database, name: string) => {
        taken.push(await side.insertId('things', { name }));
      };
      for (let round = 0; round < 5; round++)
        await Promise.all([
          take(db, 7),
          insert(under.other, `a ${round}`),
          take(under.other, 30),
          insert(db, `b ${round}`),
        ]);
      assert.equal(new Set(taken).size, 5 * (7 + 30 + 2));
      assert.equal(await count(), taken.length);
      assert.ok((await db.insertId('things', { name: 'last' })) > Math.max(...taken));
    });

    it('gives ids again to nobody when the rows that had the highest ones are gone', async () => {
      const first = await db.transaction((trx) => db.reserveIds('things', 10, trx));
      await db.knex('things').insert({ id: first + 9, name: 'high' });
      await db.knex('things').delete();
      const next = await db.transaction((trx) => db.reserveIds('things', 10, trx));
      assert.ok(next > first + 9, `${next} after ${first + 9}`);
    });

    it('answers a ping, and closes twice', async () => {
      await db.ping();
      await under.other.close();
      await under.other.close();
      await assert.rejects(under.other.ping(500));
    });

    async function count(): Promise<number> {
      return countIn(db);
    }
    async function countIn(side: Database): Promise<number> {
      const [row] = await side.knex('things').count({ c: '*' });
      return Number(row!.c);
    }
    async function found(value: string): Promise<number> {
      const [row] = await db.knex('things').where({ name: value }).count({ c: '*' });
      return Number(row!.c);
    }
    function unwrap(result: unknown): unknown {
      return db.engine === 'mariadb' ? (result as unknown[])[0] : result;
    }
  });
}
