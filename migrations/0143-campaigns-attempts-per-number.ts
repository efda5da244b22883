import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** How often one number of a customer is dialled at the most; null: no limit of its own. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'attempts_per_number', (t) => {
    t.int('attempts_per_number');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (t) => t.dropColumn('attempts_per_number'));
}
