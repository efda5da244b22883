import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** The dialers that run, or ran: one for each Asterisk, by the name in their settings. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'dialers', (t) => {
    t.text('id', 60).notNullable();
    // Of one process: a second one under the same name takes its place.
    t.text('run', 40).notNullable();
    t.text('switch_url', 191);
    t.time('started_at').notNullable();
    t.time('seen_at').notNullable();
    // Ended in order; null while it runs, or when it was cut off.
    t.time('stopped_at');
    // Who takes care of what it has left, since when; and when nothing was left any more.
    t.text('heir', 60);
    t.time('heir_since');
    t.time('cleared_at');
    t.primary(['id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('dialers');
}
