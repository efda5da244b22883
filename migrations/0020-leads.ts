import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'leads', (t) => {
    t.id();
    t.ref('campaign_id').notNullable();
    t.ref('customer_id').notNullable();
    t.ref('list_id').notNullable();
    // new, reserved, dialing, waiting, callback, done, exhausted, blocked (see lead.ts)
    t.text('state', 20).notNullable();
    t.text('state_reason', 60);
    t.int('priority').notNullable().defaultTo(5);
    t.int('attempts').notNullable().defaultTo(0);
    // Which of the customer's phones comes next.
    t.int('phone_position').notNullable().defaultTo(0);
    // Due for dialling from then on; 0: at once.
    t.time('next_at').notNullable().defaultTo(0);
    t.text('last_outcome', 20);
    t.ref('last_disposition_id');
    t.time('last_attempt_at');
    t.text('reserved_by', 60);
    t.time('reserved_at');
    // The agent a callback belongs to.
    t.ref('agent_id');
    t.time('created_at').notNullable();
    t.time('updated_at').notNullable();
    t.unique(['campaign_id', 'customer_id'], 'leads_once');
    t.index(['campaign_id', 'state', 'priority', 'next_at', 'id'], 'leads_due');
    t.index(['customer_id'], 'leads_customer');
    t.index(['reserved_by'], 'leads_reserved');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('leads');
}
