import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** How often the form has been saved, so that nobody saves over what somebody else has saved meanwhile. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'users', 'revision', (t) => {
    t.int('revision').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('users', (table) => table.dropColumn('revision'));
}
