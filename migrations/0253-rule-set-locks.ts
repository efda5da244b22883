import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Rows to lock, so that of two who change one rule set in one moment the second sees what the first has made. */
export async function up(knex: Knex): Promise<void> {
  if (await knex.schema.hasTable('rule_set_locks')) await knex('rule_set_locks').delete();
  await createTable(knex, 'rule_set_locks', (t) => {
    t.text('name', 60).notNullable();
    t.primary(['name']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('rule_set_locks');
}
