import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** What was put on the DNC list in a period is read without looking through all that ever was. */
export async function up(knex: Knex): Promise<void> {
  await addIndex(knex, 'dnc_log', ['at', 'id'], 'dnc_log_at');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'dnc_log', 'dnc_log_at');
}
