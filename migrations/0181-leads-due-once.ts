import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** What `leads_due` is for, `leads_due_tried` does. */
export async function up(knex: Knex): Promise<void> {
  await dropIndex(knex, 'leads', 'leads_due');
}

export async function down(knex: Knex): Promise<void> {
  await addIndex(knex, 'leads', ['campaign_id', 'state', 'priority', 'next_at', 'id'], 'leads_due');
}
