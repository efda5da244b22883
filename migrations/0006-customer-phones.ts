import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'customer_phones', (t) => {
    t.id();
    t.ref('customer_id').notNullable();
    t.text('e164', 20).notNullable();
    // mobile, home, work, other
    t.text('type', 10).notNullable();
    t.int('position').notNullable();
    t.index(['e164'], 'customer_phones_e164');
    t.unique(['customer_id', 'e164'], 'customer_phones_once');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('customer_phones');
}
