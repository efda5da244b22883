import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** What a dialer took at once, found again by one number: taking is one statement then, and reading what it was another. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'hopper_blocks', 'claim', (t) => {
    t.time('claim');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('hopper_blocks', (t) => t.dropColumn('claim'));
}
