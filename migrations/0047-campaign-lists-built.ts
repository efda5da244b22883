import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** When all customers of a list had become leads of a campaign; null while they are being made. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaign_lists', 'built_at', (t) => {
    t.time('built_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaign_lists', (table) => table.dropColumn('built_at'));
}
