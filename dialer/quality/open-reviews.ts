import type { Knex } from 'knex';

/** Where somebody has to do something: the reviewer to score, or to settle. */
export const openStates = ['assigned', 'disputed'] as const;

/** Ids of recordings that somebody has still to listen to, for a statement that asks. */
export function openRecordings(knex: Knex | Knex.Transaction): Knex.QueryBuilder {
  return knex('quality_reviews')
    .whereIn('state', [...openStates])
    .select('recording_id');
}
