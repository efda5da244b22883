import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'calendars', (t) => {
    t.id();
    t.text('name', 40).notNullable();
    t.text('title', 120).notNullable();
    // A calendar whose days it has too
    t.text('parent', 40);
    t.ref('created_by');
    t.time('created_at').notNullable();
    t.unique(['name'], 'calendars_name');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('calendars');
}
