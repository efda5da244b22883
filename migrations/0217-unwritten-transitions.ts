import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Transitions of calls and agents that the database would not take, until they are written after all. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'unwritten_transitions', (t) => {
    t.id();
    t.text('dialer_id', 60).notNullable();
    t.text('subject', 60).notNullable();
    t.text('event_table', 20).notNullable();
    t.long('event').notNullable();
    t.text('error', 500).notNullable();
    t.time('failed_at').notNullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('unwritten_transitions');
}
