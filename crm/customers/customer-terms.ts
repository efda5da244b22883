import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';

/** As many as one stream or statement takes without holding other work up. */
const batch = 10_000;

/** All SQL of the suffix index of names and numbers, and of what it has still to learn. */
export function createTermStore(app: Pick<App, 'db'>) {
  const { db } = app;

  /** In the order of the index, so that each page of it is touched once. */
  async function insert(terms: [string, number][], trx: Knex.Transaction): Promise<void> {
    terms.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    for (let from = 0; from < terms.length; from += batch) {
      const some = terms.slice(from, from + batch);
      if (db.engine === 'mariadb' && some.length > 500)
        await db.load('customer_terms', ['term', 'customer_id'], some, trx);
      else await insertAsJson(some, trx);
    }
  }

  /** As JSON in one binding they are written four times as fast as row by row through the query builder. */
  async function insertAsJson(terms: readonly [string, number][], trx: Knex.Transaction): Promise<void> {
    const rows =
      db.engine === 'sqlite'
        ? `select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(?)`
        : // Without a word for it the column has the database's own character set, which may know no Chinese.
          `select term, id from json_table(?, '$[*]' columns (term varchar(16) character set utf8mb4 path '$[0]', id int unsigned path '$[1]')) terms`;
    await trx.raw(`insert into customer_terms (term, customer_id) ${rows}`, [JSON.stringify(terms)]);
  }

  async function thoseThere(
    customerId: number,
    terms: readonly string[],
    trx: Knex.Transaction,
  ): Promise<Set<string>> {
    const rows: { term: string }[] = await trx('customer_terms')
      .whereIn('term', [...terms])
      .where({ customer_id: customerId })
      .select('term');
    return new Set(rows.map(({ term }) => term));
  }

  /** Notes that the customers of these ids are not in the index yet. */
  async function putOff(firstId: number, lastId: number, trx: Knex.Transaction): Promise<void> {
    await trx('customer_index_ranges').insert({ first_id: firstId, last_id: lastId });
  }

  /** The oldest range of customers that the index has still to learn and that nobody else has taken, or null. */
  async function nextRange(trx: Knex.Transaction): Promise<{ firstId: number; lastId: number } | null> {
    const oldest = trx('customer_index_ranges').orderBy('first_id').first();
    const row = (await db.skipLocked(oldest)) as { first_id: number; last_id: number } | undefined;
    return row ? { firstId: row.first_id, lastId: row.last_id } : null;
  }

  /** The first id of the range with the highest ids, or null. */
  async function newestRange(): Promise<number | null> {
    const row: { first_id: number } | undefined = await db
      .knex('customer_index_ranges')
      .orderBy('first_id', 'desc')
      .first('first_id');
    return row?.first_id ?? null;
  }

  async function forget(firstId: number, trx: Knex.Transaction): Promise<boolean> {
    return (await trx('customer_index_ranges').where({ first_id: firstId }).delete()) === 1;
  }

  return { insert, thoseThere, putOff, nextRange, newestRange, forget };
}
