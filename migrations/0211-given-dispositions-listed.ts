import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** The number is on the DNC list by what was handed in, where that was to be so. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'given_dispositions', 'listed_done', (t) => {
    t.flag('listed_done').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('given_dispositions', (table) => table.dropColumn('listed_done'));
}
