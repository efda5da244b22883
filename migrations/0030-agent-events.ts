import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'agent_events', (t) => {
    t.id();
    t.ref('user_id').notNullable();
    t.time('at').notNullable();
    t.text('from_state', 20);
    t.text('to_state', 20).notNullable();
    t.text('event', 40).notNullable();
    t.ref('pause_code_id');
    t.ref('campaign_id');
    t.text('call_id', 40);
    t.long('data');
    t.index(['user_id', 'at'], 'agent_events_user');
    t.index(['at'], 'agent_events_at');
    t.index(['campaign_id', 'at'], 'agent_events_campaign');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('agent_events');
}
