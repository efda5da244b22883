import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'scrub_lists', (t) => {
    t.id();
    // national, reassigned
    t.text('kind', 20).notNullable();
    t.text('country', 2).notNullable();
    t.text('name', 120).notNullable();
    // Beginnings of numbers that the list speaks of, with spaces between; empty: the whole country
    t.text('areas', 2000).notNullable().defaultTo('');
    // The day of the official data, YYYY-MM-DD
    t.text('scrubbed_on', 10).notNullable();
    // loading, active, retired, failed
    t.text('state', 20).notNullable();
    // Counts changes: what is in memory is good for one revision
    t.int('revision').notNullable().defaultTo(1);
    t.int('numbers').notNullable().defaultTo(0);
    t.int('refused').notNullable().defaultTo(0);
    t.text('file_name', 255).notNullable().defaultTo('');
    t.text('job_id', 60);
    t.text('failure', 255);
    t.ref('loaded_by');
    t.time('loaded_at').notNullable();
    t.time('activated_at');
    t.time('retired_at');
    t.index(['state'], 'scrub_lists_state');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('scrub_lists');
}
