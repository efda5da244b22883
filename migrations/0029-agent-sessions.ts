import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'agent_sessions', (t) => {
    t.ref('user_id').notNullable();
    t.text('state', 20).notNullable();
    t.time('since').notNullable();
    t.ref('pause_code_id');
    t.ref('campaign_id');
    t.text('call_id', 40);
    // none, ringing, up, lost
    t.text('phone', 10).notNullable();
    t.text('channel_id', 60);
    t.text('bridge_id', 60);
    t.text('dialer_id', 60);
    t.time('signed_in_at');
    t.time('wrapup_until');
    t.int('revision').notNullable().defaultTo(0);
    t.primary(['user_id']);
    t.index(['state'], 'agent_sessions_state');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('agent_sessions');
}
