import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** Sales of a campaign are counted every few seconds, see `campaigns/leads/quotas.ts`: found without its other leads. */
export async function up(knex: Knex): Promise<void> {
  await addIndex(knex, 'leads', ['campaign_id', 'last_disposition_id', 'id'], 'leads_sold');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'leads', 'leads_sold');
}
