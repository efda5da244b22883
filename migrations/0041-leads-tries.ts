import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** JSON: how often each outcome has happened to a lead, and which of its numbers proved to be dead. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'leads', 'tries', (t) => {
    t.text('tries', 500);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('leads', (table) => table.dropColumn('tries'));
}
