import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Leads dialable soon, and those that a dialer holds, by their blocks. What stood here before is free, and comes again. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('hopper');
  await createTable(knex, 'hopper', (t) => {
    t.ref('lead_id').notNullable();
    t.time('block').notNullable();
    // As the lead stood when it was put here. Whoever finds it otherwise drops the row.
    t.text('state', 20).notNullable();
    t.time('next_at').notNullable();
    t.primary(['lead_id']);
    t.index(['block'], 'hopper_block');
  });
}

/** Nothing to take back: no lead is reserved while the schema changes. */
export async function down(): Promise<void> {}
