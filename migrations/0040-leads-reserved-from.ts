import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** The state a reserved lead came from and goes back to when it is released undialled. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'leads', 'reserved_from', (t) => {
    t.text('reserved_from', 20);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('leads', (table) => table.dropColumn('reserved_from'));
}
