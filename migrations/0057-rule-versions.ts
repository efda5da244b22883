import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'rule_versions', (t) => {
    t.id();
    t.text('name', 60).notNullable();
    // The form as JSON
    t.long('form').notNullable();
    t.text('version', 20).notNullable();
    // proposed, approved, refused
    t.text('state', 20).notNullable();
    t.flag('loosens').notNullable();
    t.time('effective_at').notNullable();
    t.text('note', 255).notNullable();
    t.ref('proposed_by');
    t.time('proposed_at').notNullable();
    t.ref('decided_by');
    t.time('decided_at');
    t.text('decision_note', 255);
    // What would change for today's leads, as JSON, and the job that finds out
    t.long('impact');
    t.text('impact_job', 60);
    t.index(['name', 'effective_at'], 'rule_versions_name');
    t.index(['state'], 'rule_versions_state');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('rule_versions');
}
