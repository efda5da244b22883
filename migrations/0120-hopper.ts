import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/**
 * Leads dialable soon, and those that a dialer holds: few columns, clustered in dialling order, apart from the leads
 * themselves, so that taking many at once touches few pages.
 */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'hopper', (t) => {
    // The dialer that reserved it; '': nobody yet.
    t.text('held_by', 60).notNullable().defaultTo('');
    t.ref('campaign_id').notNullable();
    // The lower tier is dialled first, and within it the lower turn.
    t.int('tier').notNullable();
    t.time('turn').notNullable();
    t.ref('lead_id').notNullable();
    // As the lead stood when it was put here. Whoever finds it otherwise drops the row.
    t.text('state', 20).notNullable();
    t.time('next_at').notNullable();
    // The agent a callback belongs to.
    t.ref('agent_id');
    t.time('held_at');
    t.primary(['held_by', 'campaign_id', 'tier', 'turn', 'lead_id']);
    t.unique(['lead_id'], 'hopper_lead');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('hopper');
}
