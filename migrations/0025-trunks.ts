import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'trunks', (t) => {
    t.id();
    t.text('name', 60).notNullable();
    t.text('host', 191).notNullable();
    t.int('port').notNullable().defaultTo(5060);
    t.text('transport', 5).notNullable().defaultTo('udp');
    t.text('username', 100);
    // Encrypted with the key of the data folder.
    t.text('password_sealed', 500);
    t.flag('register').notNullable().defaultTo(0);
    t.text('codecs', 120).notNullable();
    t.int('channels').notNullable();
    t.int('calls_per_second').notNullable();
    // JSON: [{match, strip, add}], the longest matching prefix applies.
    t.long('prefix_rules').notNullable();
    t.text('caller_id', 20);
    t.int('position').notNullable().defaultTo(0);
    t.flag('enabled').notNullable().defaultTo(1);
    t.time('created_at').notNullable();
    t.time('updated_at').notNullable();
    t.unique(['name'], 'trunks_name');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('trunks');
}
