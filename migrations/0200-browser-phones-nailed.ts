import type { Knex } from 'knex';

/**
 * A browser's phone is kept connected: rung for each call, its leg is the call's, and a reload of the page hung up on
 * the customer. The user form no longer takes that pair.
 */
export async function up(knex: Knex): Promise<void> {
  await knex('users').where({ phone_mode: 'webrtc', leg_mode: 'per-call' }).update({ leg_mode: 'nailed' });
}

/** Nothing to take back: who had it is not known. */
export async function down(): Promise<void> {}
