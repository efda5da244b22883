import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** When the hopper of a campaign was filled up last. Whoever has the row locked is the one who fills it. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'hopper_feeds', (t) => {
    t.ref('campaign_id').notNullable();
    t.time('fed_at').notNullable();
    // Leads that were free in it then: what is missing the next time has been used.
    t.int('level').notNullable();
    t.primary(['campaign_id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('hopper_feeds');
}
