import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'calendar_changes', (t) => {
    t.id();
    t.text('calendar', 40).notNullable();
    // [{date, kind, name, open}] as JSON
    t.long('days').notNullable();
    // proposed, approved, refused
    t.text('state', 20).notNullable();
    t.flag('loosens').notNullable();
    t.text('note', 255).notNullable();
    t.ref('proposed_by');
    t.time('proposed_at').notNullable();
    t.ref('decided_by');
    t.time('decided_at');
    t.text('decision_note', 255);
    t.index(['calendar', 'id'], 'calendar_changes_calendar');
    t.index(['state'], 'calendar_changes_state');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('calendar_changes');
}
