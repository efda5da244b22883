import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** What was asked of the forecast, and what came out: the newest few of each campaign. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'forecasts', (t) => {
    t.id();
    t.ref('campaign_id').notNullable();
    // waiting, running, done, failed, stopped
    t.text('state', 20).notNullable();
    t.text('job_id', 40);
    // JSON: the figures typed and those of the campaign as it is.
    t.long('question').notNullable();
    // JSON: bands, staffing choices, spans.
    t.long('result');
    t.text('error', 500);
    t.ref('created_by');
    t.time('created_at').notNullable();
    t.time('finished_at');
    t.index(['campaign_id', 'id'], 'forecasts_campaign');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('forecasts');
}
