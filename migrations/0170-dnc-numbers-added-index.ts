import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** The list is looked at newest first, without sorting all of it at every look. */
export async function up(knex: Knex): Promise<void> {
  await addIndex(knex, 'dnc_numbers', ['added_at', 'id'], 'dnc_numbers_added');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'dnc_numbers', 'dnc_numbers_added');
}
