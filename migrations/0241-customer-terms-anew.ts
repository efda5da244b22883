import type { Knex } from 'knex';
import { isMaria } from './support/tables.ts';

const batch = 500;

/**
 * In a database of another character set than utf8mb4, terms of names in other scripts were written as question marks,
 * which no term holds; each of their customers has one that begins with one. They are learned anew.
 */
export async function up(knex: Knex): Promise<void> {
  if (!isMaria(knex)) return;
  for (;;) {
    const rows: { customer_id: number }[] = await knex('customer_terms')
      .where('term', 'like', '?%')
      .distinct('customer_id')
      .limit(batch);
    if (rows.length === 0) return;
    const ids = rows.map(({ customer_id }) => customer_id);
    await knex.transaction(async (trx) => {
      await trx('customer_index_ranges').insert(ids.map((id) => ({ first_id: id, last_id: id })));
      await trx('customer_terms').whereIn('customer_id', ids).delete();
    });
  }
}

export async function down(): Promise<void> {}
