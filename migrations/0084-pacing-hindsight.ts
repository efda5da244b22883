import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** By minute: what the pacer expected while lines rang, and what came true. Sums over `samples`. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'pacing_hindsight', (t) => {
    t.ref('campaign_id').notNullable();
    // Start of the minute.
    t.time('at').notNullable();
    t.int('samples').notNullable();
    // Hundredths, as forecasts are no whole numbers.
    t.time('answers_forecast').notNullable();
    t.time('answers_actual').notNullable();
    t.time('free_forecast').notNullable();
    t.time('free_actual').notNullable();
    t.primary(['campaign_id', 'at']);
    t.index(['at'], 'pacing_hindsight_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('pacing_hindsight');
}
