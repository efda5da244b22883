import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** 0: the customer wants to be called, and nobody has written down when; `due_at` is a guess until somebody does. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'callbacks', 'time_agreed', (t) => {
    t.flag('time_agreed').notNullable().defaultTo(1);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('callbacks', (table) => table.dropColumn('time_agreed'));
}
