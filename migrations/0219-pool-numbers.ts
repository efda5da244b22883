import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** A number is in one pool alone: its limit counts all its calls. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'pool_numbers', (t) => {
    t.text('e164', 20).notNullable();
    t.ref('pool_id').notNullable();
    t.int('position').notNullable();
    // Calls a day; null: no limit
    t.int('daily_limit');
    t.flag('enabled').notNullable().defaultTo(1);
    t.primary(['e164']);
    t.index(['pool_id', 'position'], 'pool_numbers_pool');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('pool_numbers');
}
