import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Scripts as they were published. Rows are only ever added. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'script_versions', (t) => {
    t.id();
    t.ref('script_id').notNullable();
    t.int('version').notNullable();
    t.long('content').notNullable();
    t.ref('published_by');
    t.time('published_at').notNullable();
    t.unique(['script_id', 'version'], 'script_versions_once');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('script_versions');
}
