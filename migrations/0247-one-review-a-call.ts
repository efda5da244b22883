import type { Knex } from 'knex';
import { isMaria } from './support/tables.ts';

/**
 * A call has one review that counts, whoever gives it, and a withdrawn one bars no other. Where a call has several
 * already, the first has its place; the others stay as they were.
 */
export async function up(knex: Knex): Promise<void> {
  const joined = (word: string, column: string) =>
    knex.raw(isMaria(knex) ? `concat('${word} ', ${column})` : `'${word} ' || ${column}`);
  await knex('quality_reviews')
    .where({ state: 'withdrawn' })
    .update({ once: joined('withdrawn', 'id') });
  const firsts = knex('quality_reviews')
    .whereNull('calibration_id')
    .whereNot({ state: 'withdrawn' })
    .groupBy('recording_id')
    .min({ id: 'id' })
    .as('firsts');
  await knex('quality_reviews')
    .whereIn('id', knex.select('id').from(firsts))
    .update({ once: joined('call', 'recording_id') });
}

/** Nothing to take back: the keys bar what they barred before, and more. */
export async function down(): Promise<void> {}
