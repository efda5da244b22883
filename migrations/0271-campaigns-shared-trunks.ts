import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** JSON: ids of trunks that are of the rank of the one above them in the campaign’s order; null: none. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'shared_trunks', (t) => void t.long('shared_trunks'));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (table) => table.dropColumn('shared_trunks'));
}
