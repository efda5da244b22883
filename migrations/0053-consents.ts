import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'consents', (t) => {
    t.id();
    t.ref('customer_id');
    // Empty: all numbers of the customer.
    t.text('e164', 20).notNullable().defaultTo('');
    t.text('kind', 40).notNullable();
    t.text('source', 30).notNullable();
    t.text('proof', 500).notNullable();
    t.time('given_at').notNullable();
    t.time('expires_at');
    t.time('revoked_at');
    t.text('revoke_reason', 255);
    t.ref('revoked_by');
    t.ref('recorded_by');
    t.time('recorded_at').notNullable();
    t.index(['customer_id'], 'consents_customer');
    t.index(['e164'], 'consents_e164');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('consents');
}
