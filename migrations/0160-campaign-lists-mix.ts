import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** How lists of the same priority are mixed, and how far each has been lined up, see `campaigns/leads/list-mix.ts`. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaign_lists', 'weight', (t) => {
    t.int('weight').notNullable().defaultTo(1);
  });
  await addColumn(knex, 'campaign_lists', 'turn', (t) => {
    t.time('turn').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaign_lists', (t) => t.dropColumns('weight', 'turn'));
}
