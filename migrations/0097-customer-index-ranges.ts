import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Customers of large imports whose names and numbers the search index has still to learn. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'customer_index_ranges', (t) => {
    t.ref('first_id').notNullable();
    t.ref('last_id').notNullable();
    t.primary(['first_id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('customer_index_ranges');
}
