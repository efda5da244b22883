import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** The number that the campaign's next block gets. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'hopper_feeds', 'next_block', (t) => {
    t.time('next_block').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('hopper_feeds', (t) => t.dropColumn('next_block'));
}
