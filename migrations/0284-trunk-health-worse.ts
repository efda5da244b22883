import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** A trunk that is clearly worse than the others and is used on, as a campaign needs it: since when, and by which signs. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'trunk_health', 'worse', (t) => {
    t.long('worse');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('trunk_health', (table) => table.dropColumn('worse'));
}
