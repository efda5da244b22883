import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** The day that a file of consents named, so that its line is known again wherever the file is loaded. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'consents', 'given_day', (t) => {
    t.text('given_day', 10);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('consents', (table) => table.dropColumn('given_day'));
}
