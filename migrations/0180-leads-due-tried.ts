import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** Takes the place of `leads_due`: with the attempts in it, counting a campaign’s leads reads no lead. */
export async function up(knex: Knex): Promise<void> {
  const columns = ['campaign_id', 'state', 'priority', 'next_at', 'id', 'attempts'];
  await addIndex(knex, 'leads', columns, 'leads_due_tried');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'leads', 'leads_due_tried');
}
