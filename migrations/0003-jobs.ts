import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'jobs', (t) => {
    t.text('id', 40).notNullable();
    t.text('name', 60).notNullable();
    t.long('data').notNullable();
    t.text('state', 20).notNullable();
    t.time('run_at').notNullable();
    t.int('attempts').notNullable().defaultTo(0);
    t.int('max_attempts').notNullable();
    t.int('progress').notNullable().defaultTo(0);
    t.long('error');
    t.text('dedupe_key', 120);
    t.int('repeat_ms');
    t.flag('cancel_requested').notNullable().defaultTo(0);
    t.text('locked_by', 60);
    t.time('locked_until');
    t.time('created_at').notNullable();
    t.time('started_at');
    t.time('finished_at');
    t.primary(['id']);
    t.index(['state', 'run_at'], 'jobs_due');
    // The key is taken off a job that ends, so at most one unfinished job of a name has it.
    t.unique(['name', 'dedupe_key'], 'jobs_key');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('jobs');
}
