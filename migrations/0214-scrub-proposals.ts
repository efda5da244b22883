import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Official lists that would take numbers away, until somebody else has looked at them. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'scrub_proposals', (t) => {
    t.id();
    t.ref('list_id').notNullable();
    // The list in force that it was compared with; null: there was none
    t.ref('replaces');
    // JSON array: why somebody else has to look
    t.long('doubts').notNullable();
    // proposed, approved, refused
    t.text('state', 20).notNullable();
    t.ref('proposed_by');
    t.time('proposed_at').notNullable();
    t.ref('decided_by');
    t.time('decided_at');
    t.text('decision_note', 255);
    t.unique(['list_id'], 'scrub_proposals_list');
    t.index(['state'], 'scrub_proposals_state');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('scrub_proposals');
}
