import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** How often a call has been written, so that each change of it is written once and in its order. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'calls', 'revision', (t) => {
    t.int('revision').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('calls', (table) => table.dropColumn('revision'));
}
