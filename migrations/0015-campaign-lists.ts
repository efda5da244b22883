import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'campaign_lists', (t) => {
    t.ref('campaign_id').notNullable();
    t.ref('list_id').notNullable();
    t.int('priority').notNullable().defaultTo(5);
    t.primary(['campaign_id', 'list_id']);
    t.index(['list_id'], 'campaign_lists_list');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('campaign_lists');
}
