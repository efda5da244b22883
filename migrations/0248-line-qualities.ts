import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** How the agent's side of a talk sounded, a row for each page (tab, reload) that carried it. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'line_qualities', (t) => {
    t.text('call_id', 40).notNullable();
    t.text('page', 24).notNullable();
    t.ref('user_id').notNullable();
    t.time('at').notNullable();
    // Two seconds each; those below a score of 3.6 apart.
    t.int('looks').notNullable();
    t.int('poor_looks').notNullable();
    // Hundredths; the mean of all looks, and the lowest.
    t.int('mos').notNullable();
    t.int('lowest_mos').notNullable();
    t.int('jitter_ms').notNullable();
    t.int('highest_jitter_ms').notNullable();
    // Packets of a hundred thousand; to the agent, and from them where the switch reports it.
    t.int('loss_in').notNullable();
    t.int('loss_out');
    t.int('round_trip_ms');
    t.primary(['call_id', 'page']);
    t.index(['at', 'user_id'], 'line_qualities_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('line_qualities');
}
