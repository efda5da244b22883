import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** What became of the rows of an import that were taken, a batch of rows in one: a row of the table for each row of the file was half of the writing. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'import_runs', (t) => {
    t.ref('import_id').notNullable();
    t.int('first_row').notNullable();
    t.int('last_row').notNullable();
    // JSON: runs of rows with one verdict, see `campaigns/import/row-runs.ts`.
    t.long('runs').notNullable();
    t.primary(['import_id', 'first_row']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('import_runs');
}
