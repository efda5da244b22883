import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'score_sheet_versions', (t) => {
    t.id();
    t.ref('sheet_id').notNullable();
    t.int('version').notNullable();
    t.long('questions').notNullable();
    t.ref('made_by');
    t.time('made_at').notNullable();
    t.unique(['sheet_id', 'version'], 'score_sheet_versions_sheet');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('score_sheet_versions');
}
