import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Since when a call waits for the disposition that its agent has not handed in; null: for none. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'calls', 'wrapup_missed_at', (t) => {
    t.time('wrapup_missed_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('calls', (table) => table.dropColumn('wrapup_missed_at'));
}
