import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** The script of its own that a campaign uses; null: the text that stands in the campaign. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'script_id', (t) => t.ref('script_id'));
}

export async function down(knex: Knex): Promise<void> {
  if (await knex.schema.hasColumn('campaigns', 'script_id'))
    await knex.schema.alterTable('campaigns', (table) => table.dropColumn('script_id'));
}
