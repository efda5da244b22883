import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** When machine detection has switched itself off, until somebody has decided on it. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'amd_off_at', (t) => t.time('amd_off_at'));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (table) => table.dropColumn('amd_off_at'));
}
