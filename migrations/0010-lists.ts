import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'lists', (t) => {
    t.id();
    t.text('name', 120).notNullable();
    t.text('description', 255);
    t.text('default_country', 2).notNullable();
    t.int('size').notNullable().defaultTo(0);
    t.ref('created_by');
    t.time('created_at').notNullable();
    t.time('archived_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('lists');
}
