import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** How often the load of a list was begun again because its job was lost. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'scrub_lists', 'taken_up', (t) => {
    t.int('taken_up').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('scrub_lists', (t) => t.dropColumn('taken_up'));
}
