import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Trunks that are or were kept out of use for what came of their calls; no row: nothing has spoken against it. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'trunk_health', (t) => {
    t.ref('trunk_id').notNullable();
    // free | quarantined | probing | held
    t.text('state', 12).notNullable();
    // JSON: what its calls came to beside the others'; null: somebody holds it, or nothing speaks against it
    t.long('reason');
    t.time('since').notNullable();
    // Of a quarantine: when it is tried again
    t.time('until');
    // Quarantines without a day between them
    t.int('times').notNullable().defaultTo(0);
    // Calls that began before say nothing any more
    t.time('counted_from').notNullable();
    t.ref('user_id');
    t.int('revision').notNullable().defaultTo(0);
    t.primary(['trunk_id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('trunk_health');
}
