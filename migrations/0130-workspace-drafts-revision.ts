import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Counts what was saved, so that two pages of one agent cannot write over each other unseen. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'workspace_drafts', 'revision', (t) => {
    t.int('revision').notNullable().defaultTo(1);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('workspace_drafts', (table) => table.dropColumn('revision'));
}
