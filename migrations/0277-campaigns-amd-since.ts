import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Since when machine detection runs as it does, so that it is not measured by what was before; null: nobody knows. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'amd_since', (t) => t.time('amd_since'));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (table) => table.dropColumn('amd_since'));
}
