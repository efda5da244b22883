import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Since when the customer had been without the agent they had met, where the call ended so. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'calls', 'left_at', (t) => {
    t.time('left_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('calls', (table) => table.dropColumn('left_at'));
}
