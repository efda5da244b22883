import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** 1: the row made its customer; 0: that customer was there. Null: the row was not taken. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'import_rows', 'created', (t) => {
    t.flag('created');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('import_rows', (table) => table.dropColumn('created'));
}
