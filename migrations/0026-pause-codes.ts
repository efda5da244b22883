import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'pause_codes', (t) => {
    t.id();
    t.text('code', 40).notNullable();
    t.long('names').notNullable();
    t.flag('paid').notNullable().defaultTo(1);
    t.int('limit_ms');
    t.int('position').notNullable().defaultTo(0);
    t.flag('active').notNullable().defaultTo(1);
    t.unique(['code'], 'pause_codes_code');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('pause_codes');
}
