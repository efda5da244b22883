import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Its file has to be read anew: a national number that begins with the country's own code was taken for another. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'scrub_lists', 'misread', (t) => {
    t.flag('misread').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('scrub_lists', (t) => t.dropColumn('misread'));
}
