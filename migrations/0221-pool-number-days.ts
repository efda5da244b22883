import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** How many calls a number was shown on, by day of its pool's zone. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'pool_number_days', (t) => {
    t.text('e164', 20).notNullable();
    t.text('day', 10).notNullable();
    t.int('calls').notNullable().defaultTo(0);
    t.primary(['e164', 'day']);
    t.index(['day'], 'pool_number_days_day');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('pool_number_days');
}
