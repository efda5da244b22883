import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** When the call became an abandoned one; also of calls that met an agent too late. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'calls', 'abandoned_at', (t) => {
    t.time('abandoned_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('calls', (table) => table.dropColumn('abandoned_at'));
}
