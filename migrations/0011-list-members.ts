import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'list_members', (t) => {
    t.id();
    t.ref('list_id').notNullable();
    t.ref('customer_id').notNullable();
    t.ref('import_id');
    t.unique(['list_id', 'customer_id'], 'list_members_once');
    t.index(['customer_id'], 'list_members_customer');
    t.index(['import_id'], 'list_members_import');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('list_members');
}
