import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Who wanted recordings kept, of what, and why; and who has let them go. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'legal_holds', (t) => {
    t.id();
    // recording, customer, campaign
    t.text('subject', 20).notNullable();
    t.ref('subject_id').notNullable();
    t.text('reason', 500).notNullable();
    t.ref('placed_by');
    t.time('placed_at').notNullable();
    t.ref('released_by');
    t.time('released_at');
    t.text('release_reason', 500);
    t.index(['subject', 'subject_id'], 'legal_holds_subject');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('legal_holds');
}
