import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'customer_terms', (t) => {
    // Every suffix of a folded name or number, cut short: finding any part is a range of this key.
    t.text('term', 16).notNullable();
    t.ref('customer_id').notNullable();
    t.primary(['term', 'customer_id']);
    t.index(['customer_id'], 'customer_terms_customer');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('customer_terms');
}
