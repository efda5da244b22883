import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** What an import changed of customers who were known, so that it can be taken back. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'import_merges', (t) => {
    t.ref('import_id').notNullable();
    t.int('row_number').notNullable();
    t.ref('customer_id').notNullable();
    // The customer's revision after the change: a later one means that somebody has edited it since.
    t.int('revision').notNullable();
    // JSON: the fields as they were.
    t.long('fields').notNullable();
    t.primary(['import_id', 'row_number']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('import_merges');
}
