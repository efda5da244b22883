import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'sessions', (t) => {
    // SHA-256 of the session id: a copy of this table opens no session.
    t.text('id_hash', 64).notNullable();
    t.ref('user_id');
    t.long('data').notNullable();
    t.time('expires_at').notNullable();
    t.primary(['id_hash']);
    t.index(['expires_at'], 'sessions_expires');
    t.index(['user_id'], 'sessions_user');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('sessions');
}
