import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** How machine detection listens, and what it may get wrong: JSON; null: as it is shipped. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'amd_settings', (t) => t.long('amd_settings'));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (table) => table.dropColumn('amd_settings'));
}
