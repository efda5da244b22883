import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** What answering machines are told: JSON, words by language. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'machine_message', (t) => t.long('machine_message'));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (table) => table.dropColumn('machine_message'));
}
