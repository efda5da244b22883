import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Folded name, company, ids and numbers in one line: what a search of several words is checked against. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'customers', 'search_text', (t) => {
    t.text('search_text', 700);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('customers', (table) => table.dropColumn('search_text'));
}
