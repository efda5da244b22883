import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** Whoever is about to call a number looks whether its owner has just asked for no more calls. */
export async function up(knex: Knex): Promise<void> {
  await addIndex(knex, 'opt_outs', ['e164'], 'opt_outs_number');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'opt_outs', 'opt_outs_number');
}
