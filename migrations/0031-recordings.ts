import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'recordings', (t) => {
    t.id();
    t.text('call_id', 40).notNullable();
    t.text('name', 80).notNullable();
    // recording, stored, failed, deleted
    t.text('state', 20).notNullable();
    t.text('path', 255);
    t.int('duration_ms');
    t.time('size');
    t.time('started_at').notNullable();
    t.time('finished_at');
    t.unique(['name'], 'recordings_name');
    t.index(['call_id'], 'recordings_call');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('recordings');
}
