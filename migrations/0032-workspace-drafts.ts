import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'workspace_drafts', (t) => {
    t.text('call_id', 40).notNullable();
    t.ref('user_id').notNullable();
    // JSON: disposition form as typed so far.
    t.long('form').notNullable();
    t.time('updated_at').notNullable();
    t.primary(['call_id', 'user_id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('workspace_drafts');
}
