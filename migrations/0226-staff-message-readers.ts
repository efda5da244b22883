import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Whom each message is for, and when they have read it. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'staff_message_readers', (t) => {
    t.ref('message_id').notNullable();
    t.ref('user_id').notNullable();
    t.time('read_at');
    t.primary(['message_id', 'user_id']);
    t.index(['user_id', 'read_at'], 'staff_message_readers_unread');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('staff_message_readers');
}
