import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'imports', (t) => {
    t.id();
    t.ref('list_id').notNullable();
    t.text('state', 20).notNullable();
    t.text('file_name', 191).notNullable();
    t.text('file_path', 255).notNullable();
    t.time('file_size').notNullable();
    // JSON: encoding, delimiter, header row, default country, column mapping.
    t.long('options').notNullable();
    // JSON: rows by verdict.
    t.long('counts');
    t.int('rows_done').notNullable().defaultTo(0);
    t.text('error', 255);
    t.text('job_id', 60);
    t.ref('created_by');
    t.time('created_at').notNullable();
    t.time('updated_at').notNullable();
    t.time('finished_at');
    t.index(['list_id'], 'imports_list');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('imports');
}
