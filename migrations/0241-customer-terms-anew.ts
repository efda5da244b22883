import type { Knex } from 'knex';
import { isMaria } from './support/tables.ts';

const batch = 500;

/**
 * In a database of another character set than utf8mb4, terms of names in other scripts were written as question marks,
 * which no term holds; each of their customers has one that begins with one. They are learned anew: those terms go, and
 * the index writes what is missing. Where a range waits already, it is that customer's.
 */
export async function up(knex: Knex): Promise<void> {
  if (!isMaria(knex)) return;
  for (;;) {
    // By the primary key: terms of one beginning stand together.
    const rows: { customer_id: number }[] = await knex('customer_terms')
      .where('term', 'like', '?%')
      .limit(batch)
      .select('customer_id');
    if (rows.length === 0) return;
    const ids = [...new Set(rows.map(({ customer_id }) => customer_id))];
    await knex.transaction(async (trx) => {
      await trx('customer_index_ranges')
        .insert(ids.map((id) => ({ first_id: id, last_id: id })))
        .onConflict('first_id')
        .ignore();
      // Their revision says that terms are there which the index has to look at.
      await trx('customers').whereIn('id', ids).where('revision', 0).update({ revision: 1 });
      await trx('customer_terms').where('term', 'like', '?%').whereIn('customer_id', ids).delete();
    });
  }
}

export async function down(): Promise<void> {}
