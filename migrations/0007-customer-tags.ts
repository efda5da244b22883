import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'customer_tags', (t) => {
    t.ref('customer_id').notNullable();
    t.text('tag', 60).notNullable();
    t.primary(['tag', 'customer_id']);
    t.index(['customer_id'], 'customer_tags_customer');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('customer_tags');
}
