import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Since when a person was on the line; the time to the agent is counted from here. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'calls', 'live_at', (t) => {
    t.time('live_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('calls', (table) => table.dropColumn('live_at'));
}
