import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** How often leads of a list were asked for: a job that was begun for an earlier wish does not answer a later one. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaign_lists', 'builds_wanted', (t) => {
    t.int('builds_wanted').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaign_lists', (table) => table.dropColumn('builds_wanted'));
}
