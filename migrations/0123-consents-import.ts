import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** The import whose file is the proof: two files may have one name. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'consents', 'import_id', (t) => {
    t.ref('import_id');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('consents', (table) => table.dropColumn('import_id'));
}
