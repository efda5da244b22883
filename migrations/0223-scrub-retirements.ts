import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Official lists that somebody would retire, until somebody else has said so too. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'scrub_retirements', (t) => {
    t.id();
    t.ref('list_id').notNullable();
    t.text('reason', 255).notNullable();
    // proposed, approved, refused
    t.text('state', 20).notNullable();
    t.ref('proposed_by');
    t.time('proposed_at').notNullable();
    t.ref('decided_by');
    t.time('decided_at');
    t.text('decision_note', 255);
    t.index(['list_id'], 'scrub_retirements_list');
    t.index(['state'], 'scrub_retirements_state');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('scrub_retirements');
}
