import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'campaign_rollups', (t) => {
    t.ref('campaign_id').notNullable();
    // Start of a span of five minutes.
    t.time('bucket_at').notNullable();
    t.text('figure', 40).notNullable();
    t.time('value').notNullable();
    t.primary(['campaign_id', 'bucket_at', 'figure']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('campaign_rollups');
}
