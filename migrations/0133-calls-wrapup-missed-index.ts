import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** The few calls that an agent is to be asked about, without a walk over all of theirs. */
export async function up(knex: Knex): Promise<void> {
  await addIndex(knex, 'calls', ['user_id', 'wrapup_missed_at'], 'calls_wrapup_missed');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'calls', 'calls_wrapup_missed');
}
