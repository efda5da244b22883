import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';
import { addColumn } from './support/tables.ts';

/** 1: brought over, and its copy on the switch is not known to be deleted. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'recordings', 'on_switch', (t) => t.flag('on_switch'));
  await addIndex(knex, 'recordings', ['on_switch'], 'recordings_on_switch');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'recordings', 'recordings_on_switch');
  await knex.schema.alterTable('recordings', (table) => table.dropColumn('on_switch'));
}
