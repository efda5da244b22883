import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** Sound that is there, the oldest first: of a campaign with a rule of its own, and of all the others. */
export async function up(knex: Knex): Promise<void> {
  await addIndex(knex, 'recordings', ['state', 'campaign_id', 'started_at'], 'recordings_kept');
  await addIndex(knex, 'recordings', ['state', 'started_at'], 'recordings_oldest');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'recordings', 'recordings_kept');
  await dropIndex(knex, 'recordings', 'recordings_oldest');
}
