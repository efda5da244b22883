import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** Each filter with the order of the list behind it; lengths for their own order. */
const indexes: Readonly<Record<string, string[]>> = {
  recordings_started: ['started_at'],
  recordings_campaign: ['campaign_id', 'started_at'],
  recordings_user: ['user_id', 'started_at'],
  recordings_customer: ['customer_id', 'started_at'],
  recordings_disposition: ['disposition_id', 'started_at'],
  recordings_outcome: ['outcome', 'started_at'],
  recordings_duration: ['duration_ms'],
  recordings_e164: ['e164'],
};

export async function up(knex: Knex): Promise<void> {
  for (const [name, columns] of Object.entries(indexes)) await addIndex(knex, 'recordings', columns, name);
}

export async function down(knex: Knex): Promise<void> {
  for (const name of Object.keys(indexes)) await dropIndex(knex, 'recordings', name);
}
