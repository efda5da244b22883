import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'agent_sessions', 'after_call', (t) => {
    // JSON: what the agent becomes once the call at hand is wrapped up.
    t.long('after_call');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('agent_sessions', (t) => t.dropColumn('after_call'));
}
