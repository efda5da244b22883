import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** What supervisors tell agents, and what was done to an agent and has to be told. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'staff_messages', (t) => {
    t.id();
    t.time('at').notNullable();
    t.ref('by_user_id');
    t.text('kind', 20).notNullable();
    t.text('scope', 10).notNullable();
    t.ref('scope_id');
    t.long('body').notNullable();
    t.flag('must_read').notNullable();
    t.index(['at'], 'staff_messages_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('staff_messages');
}
