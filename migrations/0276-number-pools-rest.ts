import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Whether numbers that are probably labelled as spam rest by themselves. Nothing changes until somebody wants it. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'number_pools', 'rest_flagged', (t) => {
    t.flag('rest_flagged').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('number_pools', (table) => table.dropColumn('rest_flagged'));
}
