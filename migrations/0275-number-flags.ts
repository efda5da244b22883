import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Numbers that are answered far less than they were beside the others, and those of which somebody said they are fine. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'number_flags', (t) => {
    t.text('e164', 20).notNullable();
    // flagged | fine
    t.text('state', 10).notNullable();
    // JSON: what its calls came to
    t.long('reason');
    t.time('since').notNullable();
    // Not shown before then, where its pool is to let such numbers rest
    t.time('rests_until');
    // Calls that began before say nothing any more
    t.time('counted_from').notNullable();
    t.primary(['e164']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('number_flags');
}
