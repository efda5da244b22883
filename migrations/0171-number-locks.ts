import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Rows to lock, so that of two who bring the same number in one moment the second sees what the first has made. */
export async function up(knex: Knex): Promise<void> {
  // Rows of a run that was cut off before it was recorded: the next migration fills the table again.
  if (await knex.schema.hasTable('number_locks')) await knex('number_locks').delete();
  await createTable(knex, 'number_locks', (t) => {
    t.int('slot').notNullable();
    t.primary(['slot']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('number_locks');
}
