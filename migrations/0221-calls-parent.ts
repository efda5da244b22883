import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** The customer's call beside which a call was made: to ask somebody, or to hand the customer on. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'calls', 'parent_id', (t) => {
    t.text('parent_id', 40);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('calls', (table) => table.dropColumn('parent_id'));
}
