import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'rate_limits', (t) => {
    t.text('key', 120).notNullable();
    t.int('hits').notNullable();
    t.time('reset_at').notNullable();
    t.primary(['key']);
    t.index(['reset_at'], 'rate_limits_reset');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('rate_limits');
}
