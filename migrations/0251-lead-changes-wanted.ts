import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** What the leads of campaigns are yet to follow: a filter, a list that has left, a new order. A row for each wish. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'lead_changes_wanted', (t) => {
    t.id();
    t.ref('campaign_id').notNullable();
    t.text('kind', 20).notNullable();
    t.ref('list_id').notNullable().defaultTo(0);
    t.int('from_priority').notNullable().defaultTo(0);
    t.text('job_id', 60);
    t.index(['campaign_id', 'kind', 'list_id', 'from_priority'], 'lead_changes_wanted_which');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('lead_changes_wanted');
}
