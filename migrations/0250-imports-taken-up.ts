import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** How often an import whose job was lost has been taken up again since it last came on. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'imports', 'taken_up', (t) => {
    t.int('taken_up').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('imports', (table) => table.dropColumn('taken_up'));
}
