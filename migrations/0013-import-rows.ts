import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'import_rows', (t) => {
    t.ref('import_id').notNullable();
    t.int('row_number').notNullable();
    // new, merged, duplicate, invalid_number, missing_number, dnc, bad_row …
    t.text('verdict', 30).notNullable();
    t.text('reason', 100);
    t.ref('customer_id');
    // The row as it stood, for refused rows only: JSON array of cells.
    t.long('cells');
    t.primary(['import_id', 'row_number']);
    t.index(['import_id', 'verdict'], 'import_rows_verdict');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('import_rows');
}
