import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Share among campaigns of one priority that want the same agents, lines or calls per second. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'weight', (t) => t.int('weight').notNullable().defaultTo(1));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (t) => t.dropColumn('weight'));
}
