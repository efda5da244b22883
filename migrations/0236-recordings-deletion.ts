import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** When the sound went, and when and why it last could not. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'recordings', 'deleted_at', (t) => t.time('deleted_at'));
  await addColumn(knex, 'recordings', 'delete_failed_at', (t) => t.time('delete_failed_at'));
  await addColumn(knex, 'recordings', 'delete_error', (t) => t.text('delete_error', 60));
}

export async function down(knex: Knex): Promise<void> {
  for (const name of ['deleted_at', 'delete_failed_at', 'delete_error'])
    await knex.schema.alterTable('recordings', (table) => table.dropColumn(name));
}
