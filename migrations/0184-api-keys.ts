import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Keys of other systems. Of a key only its hash is kept, and its last signs, to tell keys apart. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'api_keys', (t) => {
    t.id();
    t.text('name', 120).notNullable();
    // JSON array of scopes.
    t.text('scopes', 191).notNullable();
    t.text('key_hash', 64).notNullable();
    t.text('hint', 10).notNullable();
    t.ref('created_by');
    t.time('created_at').notNullable();
    t.time('last_used_at');
    t.time('revoked_at');
    t.unique(['key_hash'], 'api_keys_hash');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('api_keys');
}
