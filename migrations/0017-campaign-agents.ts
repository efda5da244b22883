import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'campaign_agents', (t) => {
    t.ref('campaign_id').notNullable();
    t.ref('user_id').notNullable();
    t.primary(['campaign_id', 'user_id']);
    t.index(['user_id'], 'campaign_agents_user');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('campaign_agents');
}
