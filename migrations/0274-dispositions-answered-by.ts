import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Whether a disposition says that a person or a machine was on the line; null: it does not say. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'dispositions', 'answered_by', (t) => t.text('answered_by', 10));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('dispositions', (table) => table.dropColumn('answered_by'));
}
