import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** What made the customer together with many others: a row of `customer_origins`. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'customers', 'origin_id', (t) => {
    t.ref('origin_id');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('customers', (table) => table.dropColumn('origin_id'));
}
