import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** The job that makes leads of a list for a campaign. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaign_lists', 'job_id', (t) => {
    t.text('job_id', 60);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaign_lists', (table) => table.dropColumn('job_id'));
}
