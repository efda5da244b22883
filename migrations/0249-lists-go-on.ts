import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Whether a campaign that has finished goes on once the leads of a list are made. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaign_lists', 'goes_on', (t) => {
    t.flag('goes_on').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaign_lists', (table) => table.dropColumn('goes_on'));
}
