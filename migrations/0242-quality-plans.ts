import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** How many calls of each agent and week are drawn at random, of which, and who scores them. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'quality_plans', (t) => {
    t.id();
    t.text('name', 80).notNullable();
    t.ref('sheet_id').notNullable();
    t.ref('reviewer_id').notNullable();
    t.int('calls').notNullable();
    t.ref('campaign_id');
    t.ref('disposition_id');
    t.int('min_ms');
    t.int('max_ms');
    // Whose Monday begins a week.
    t.text('zone', 60).notNullable();
    t.flag('is_on').notNullable();
    // Monday of the last week that was drawn from.
    t.text('drawn_week', 10);
    t.int('revision').notNullable().defaultTo(0);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('quality_plans');
}
