import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'users', (t) => {
    t.id();
    t.text('username', 60).notNullable();
    t.text('name', 120).notNullable();
    t.text('password_hash', 191).notNullable();
    t.text('role', 20).notNullable();
    t.text('locale', 10);
    t.text('theme', 10);
    t.flag('must_change_password').notNullable().defaultTo(0);
    t.time('disabled_at');
    t.int('session_epoch').notNullable().defaultTo(0);
    // 'webrtc': the browser's softphone; 'desk': a phone of its own, rung at phone_endpoint.
    t.text('phone_mode', 10).notNullable().defaultTo('webrtc');
    t.text('phone_endpoint', 120);
    // 'nailed': one leg stays up while signed in to the phone; 'per-call': the phone rings for each call.
    t.text('leg_mode', 10).notNullable().defaultTo('nailed');
    t.text('sip_password', 191);
    t.time('created_at').notNullable();
    t.time('updated_at').notNullable();
    t.unique(['username'], 'users_username');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('users');
}
