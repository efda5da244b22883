import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** What calls are scored by. Its questions stand in versions: a call stays scored by those that it was scored by. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'score_sheets', (t) => {
    t.id();
    t.text('name', 80).notNullable();
    // The newest of its versions, by number.
    t.int('version').notNullable();
    t.time('archived_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('score_sheets');
}
