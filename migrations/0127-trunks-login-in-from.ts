import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Trunks with credentials have shown their user name as the caller until now, and go on so. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'trunks', 'login_in_from', (t) => {
    t.flag('login_in_from').notNullable().defaultTo(0);
  });
  await knex('trunks').whereNotNull('username').update({ login_in_from: 1 });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('trunks', (table) => table.dropColumn('login_in_from'));
}
