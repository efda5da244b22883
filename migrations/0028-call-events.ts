import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'call_events', (t) => {
    t.id();
    t.text('call_id', 40).notNullable();
    t.time('at').notNullable();
    t.text('from_state', 20);
    t.text('to_state', 20).notNullable();
    t.text('event', 40).notNullable();
    t.ref('campaign_id');
    t.ref('user_id');
    t.long('data');
    t.index(['call_id', 'id'], 'call_events_call');
    t.index(['campaign_id', 'at'], 'call_events_campaign');
    t.index(['at'], 'call_events_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('call_events');
}
