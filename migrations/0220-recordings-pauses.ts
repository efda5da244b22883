import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** When nothing was recorded of a talk: on hold, or as its agent had paused it. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'recordings', 'pauses', (t) => {
    t.long('pauses');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('recordings', (table) => table.dropColumn('pauses'));
}
