import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'agent_sessions', 'leg_mode', (t) => t.text('leg_mode', 10));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('agent_sessions', (t) => t.dropColumn('leg_mode'));
}
