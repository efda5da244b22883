import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** An agent's own callbacks, found at each reservation however many others wait for theirs. Leads of no agent never move in it. */
export async function up(knex: Knex): Promise<void> {
  await addIndex(knex, 'leads', ['campaign_id', 'agent_id'], 'leads_agent');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'leads', 'leads_agent');
}
