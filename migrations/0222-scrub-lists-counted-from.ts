import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Numbers of the edition that `taken` is counted from; null: the list is one. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'scrub_lists', 'counted_from', (t) => {
    t.int('counted_from');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('scrub_lists', (t) => t.dropColumn('counted_from'));
}
