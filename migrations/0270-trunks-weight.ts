import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** How many calls it gets beside trunks of the same rank; all alike until somebody says otherwise. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'trunks', 'weight', (t) => {
    t.int('weight').notNullable().defaultTo(10);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('trunks', (table) => table.dropColumn('weight'));
}
