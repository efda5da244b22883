import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'dnc_numbers', (t) => {
    t.id();
    t.text('e164', 20).notNullable();
    // 0: everywhere.
    t.ref('campaign_id').notNullable().defaultTo(0);
    t.text('reason', 255).notNullable();
    // agent, customer, import, api, page …
    t.text('source', 30).notNullable();
    t.ref('added_by');
    t.time('added_at').notNullable();
    t.time('expires_at');
    t.unique(['e164', 'campaign_id'], 'dnc_numbers_once');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('dnc_numbers');
}
