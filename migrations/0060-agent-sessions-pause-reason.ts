import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'agent_sessions', 'pause_reason', (t) => t.text('pause_reason', 30));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('agent_sessions', (t) => t.dropColumn('pause_reason'));
}
