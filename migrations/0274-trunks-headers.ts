import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** JSON: [{name, value}], SIP headers that the carrier reads of each call; null: none. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'trunks', 'headers', (t) => void t.long('headers'));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('trunks', (table) => table.dropColumn('headers'));
}
