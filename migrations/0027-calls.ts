import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'calls', (t) => {
    t.text('id', 40).notNullable();
    t.text('direction', 10).notNullable();
    t.text('path', 20).notNullable();
    t.ref('campaign_id');
    t.ref('lead_id');
    t.ref('customer_id');
    t.ref('user_id');
    t.ref('trunk_id');
    t.text('e164', 20);
    t.text('caller_id', 20);
    t.int('attempt').notNullable().defaultTo(1);
    t.text('state', 20).notNullable();
    t.text('outcome', 20);
    t.text('amd', 10);
    t.int('hangup_cause');
    t.text('ended_by', 10);
    t.text('dialer_id', 60);
    t.time('created_at').notNullable();
    t.time('dialed_at');
    t.time('ringing_at');
    t.time('answered_at');
    t.time('connected_at');
    t.time('ended_at');
    t.time('wrapped_up_at');
    t.ref('disposition_id');
    t.text('note', 2000);
    t.primary(['id']);
    t.index(['state'], 'calls_state');
    t.index(['campaign_id', 'created_at'], 'calls_campaign');
    t.index(['lead_id', 'created_at'], 'calls_lead');
    t.index(['customer_id', 'created_at'], 'calls_customer');
    t.index(['user_id', 'created_at'], 'calls_user');
    t.index(['e164', 'created_at'], 'calls_e164');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('calls');
}
