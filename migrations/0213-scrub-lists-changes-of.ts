import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** The list that a list was made from by changes. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'scrub_lists', 'changes_of', (t) => {
    t.ref('changes_of');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('scrub_lists', (t) => t.dropColumn('changes_of'));
}
