import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'scripts', (t) => {
    t.id();
    t.text('name', 120).notNullable();
    // What is being written, as JSON.
    t.long('draft').notNullable();
    t.int('revision').notNullable().defaultTo(0);
    // Newest published version, and the revision of the draft that it is of; 0: none.
    t.int('version').notNullable().defaultTo(0);
    t.int('published_revision').notNullable().defaultTo(0);
    t.time('archived_at');
    t.ref('created_by');
    t.time('created_at').notNullable();
    t.ref('updated_by');
    t.time('updated_at').notNullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('scripts');
}
