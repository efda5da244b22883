import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Whom an agent has made of a number that was nobody's, by the call: one customer, however often it is sent. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'made_customers', (t) => {
    t.text('call_id', 40).notNullable();
    t.ref('customer_id').notNullable();
    t.primary(['call_id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('made_customers');
}
