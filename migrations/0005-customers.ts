import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'customers', (t) => {
    t.id();
    t.text('external_id', 100);
    t.text('name', 191).notNullable();
    // How to address: 'Ms Chen', '陈女士'.
    t.text('salutation', 100);
    t.text('language', 10);
    t.text('company', 191);
    t.text('email', 191);
    t.text('address', 255);
    // 'US-NY-10001', 'CN-31', 'TW': country, subdivision, postal code.
    t.text('address_region', 40);
    // JSON object: fields of the firm's own.
    t.long('custom');
    t.ref('revision').notNullable().defaultTo(0);
    t.time('created_at').notNullable();
    t.time('updated_at').notNullable();
    t.unique(['external_id'], 'customers_external_id');
    t.index(['name'], 'customers_name');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('customers');
}
