import type { Knex } from 'knex';
import { addColumn, createTable } from './support/tables.ts';

/** How many successes a campaign wants of some of its customers, and of whom it has enough. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'campaign_quotas', (t) => {
    t.id();
    t.ref('campaign_id').notNullable();
    t.text('name', 120).notNullable();
    // JSON: a filter of leads, see `campaigns/leads/lead-filter.ts`.
    t.long('who').notNullable();
    t.int('goal').notNullable();
    t.int('reached').notNullable().defaultTo(0);
    t.time('met_at');
    t.time('created_at').notNullable();
    t.index(['campaign_id'], 'campaign_quotas_campaign');
  });
  // JSON: the filters of those that are met; null: none.
  await addColumn(knex, 'campaigns', 'quotas_met', (t) => {
    t.long('quotas_met');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (t) => t.dropColumn('quotas_met'));
  await knex.schema.dropTableIfExists('campaign_quotas');
}
