import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Null: the campaign shows one number, or each trunk's own. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'number_pool_id', (t) => void t.ref('number_pool_id'));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (t) => t.dropColumn('number_pool_id'));
}
