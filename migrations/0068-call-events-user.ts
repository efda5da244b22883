import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** What came of an agent's calls today, without a walk over everybody's events. */
export async function up(knex: Knex): Promise<void> {
  await addIndex(knex, 'call_events', ['user_id', 'at'], 'call_events_user');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'call_events', 'call_events_user');
}
