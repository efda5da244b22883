import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

const counted = ['campaign_id', 'at', 'verdict', 'is_check', 'answered_by', 'message', 'agent_ms'];

/** Calls of which nothing was made are left out of what is counted, by their cause. */
export async function up(knex: Knex): Promise<void> {
  await dropIndex(knex, 'amd_verdicts', 'amd_verdicts_counts');
  await addIndex(knex, 'amd_verdicts', [...counted, 'listened_ms', 'cause'], 'amd_verdicts_counted');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'amd_verdicts', 'amd_verdicts_counted');
  await addIndex(knex, 'amd_verdicts', [...counted, 'listened_ms'], 'amd_verdicts_counts');
}
