import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Where the file of a list lies while it is loaded, below the data folder: what no list or import names is swept. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'scrub_lists', 'file_path', (t) => {
    t.text('file_path', 255);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('scrub_lists', (t) => t.dropColumn('file_path'));
}
