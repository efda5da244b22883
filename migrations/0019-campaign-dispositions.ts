import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'campaign_dispositions', (t) => {
    t.ref('campaign_id').notNullable();
    t.ref('disposition_id').notNullable();
    t.int('position').notNullable();
    t.primary(['campaign_id', 'disposition_id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('campaign_dispositions');
}
