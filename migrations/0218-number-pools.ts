import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Numbers that campaigns show as their caller ID, in pools. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'number_pools', (t) => {
    t.id();
    t.text('name', 60).notNullable();
    // In which zone a day begins, for the limits of its numbers
    t.text('zone', 60).notNullable();
    t.time('created_at').notNullable();
    t.time('updated_at').notNullable();
    t.unique(['name'], 'number_pools_name');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('number_pools');
}
