import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** What each agent of a campaign is to attain in a day. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'day_targets', (t) => {
    t.id();
    t.ref('campaign_id').notNullable();
    // '2026-11-30'; empty: every day that has none of its own.
    t.text('day', 10).notNullable();
    t.int('calls');
    t.int('contacts');
    t.int('sales');
    // Per cent.
    t.int('talk_share');
    t.int('wrapup_seconds');
    t.time('updated_at').notNullable();
    t.unique(['campaign_id', 'day'], 'day_targets_day');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('day_targets');
}
