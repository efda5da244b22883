import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** How many numbers changes have taken away since the edition of `counted_from`. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'scrub_lists', 'taken', (t) => {
    t.int('taken').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('scrub_lists', (t) => t.dropColumn('taken'));
}
