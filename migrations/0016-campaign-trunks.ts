import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'campaign_trunks', (t) => {
    t.ref('campaign_id').notNullable();
    t.ref('trunk_id').notNullable();
    t.int('position').notNullable();
    t.primary(['campaign_id', 'trunk_id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('campaign_trunks');
}
