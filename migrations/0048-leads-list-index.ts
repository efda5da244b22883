import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** Leads of one list on a campaign, for taking a list away. */
export async function up(knex: Knex): Promise<void> {
  await addIndex(knex, 'leads', ['campaign_id', 'list_id', 'id'], 'leads_list');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'leads', 'leads_list');
}
