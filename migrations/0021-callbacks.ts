import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'callbacks', (t) => {
    t.id();
    t.ref('lead_id').notNullable();
    t.ref('campaign_id').notNullable();
    t.ref('customer_id').notNullable();
    // The agent it belongs to; null: anyone's.
    t.ref('user_id');
    t.time('due_at').notNullable();
    t.text('e164', 20);
    t.text('note', 500);
    // open, done, cancelled
    t.text('state', 20).notNullable();
    t.text('call_id', 40);
    t.ref('created_by');
    t.time('created_at').notNullable();
    t.time('closed_at');
    t.index(['user_id', 'state', 'due_at'], 'callbacks_user');
    t.index(['campaign_id', 'state', 'due_at'], 'callbacks_campaign');
    t.index(['lead_id'], 'callbacks_lead');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('callbacks');
}
