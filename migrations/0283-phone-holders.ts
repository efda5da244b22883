import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Which of a user's browsers has their phone: the one that took it last. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'phone_holders', (t) => {
    t.ref('user_id').notNullable();
    t.text('browser', 40).notNullable();
    // Goes up each time the phone is taken, so that what is told late is known to be old.
    t.int('turn').notNullable();
    t.time('taken_at').notNullable();
    t.primary(['user_id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('phone_holders');
}
