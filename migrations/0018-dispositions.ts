import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'dispositions', (t) => {
    t.id();
    t.text('code', 40).notNullable();
    // JSON: language → name.
    t.long('names').notNullable();
    // sale, interested, callback, refused, wrong_person, no_decision, dnc, other
    t.text('category', 20).notNullable();
    t.flag('right_party').notNullable().defaultTo(0);
    t.flag('final').notNullable().defaultTo(0);
    t.int('retry_minutes');
    t.text('hotkey', 1);
    t.int('position').notNullable().defaultTo(0);
    t.flag('active').notNullable().defaultTo(1);
    t.unique(['code'], 'dispositions_code');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('dispositions');
}
