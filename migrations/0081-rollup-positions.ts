import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'rollup_positions', (t) => {
    t.text('name', 40).notNullable();
    // Events up to this id are in the rollup.
    t.time('last_event_id').notNullable();
    t.primary(['name']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('rollup_positions');
}
