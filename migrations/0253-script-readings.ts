import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Which version of a script was read in a call. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'script_readings', (t) => {
    t.text('call_id', 40).notNullable();
    t.ref('version_id').notNullable();
    t.ref('campaign_id');
    t.time('at').notNullable();
    // When its answers were saved last; null: they stand in a draft.
    t.time('saved_at');
    t.primary(['call_id']);
    t.index(['version_id'], 'script_readings_version');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('script_readings');
}
