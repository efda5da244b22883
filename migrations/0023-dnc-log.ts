import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'dnc_log', (t) => {
    t.id();
    t.text('e164', 20).notNullable();
    t.ref('campaign_id').notNullable().defaultTo(0);
    t.text('action', 10).notNullable();
    t.text('reason', 255).notNullable();
    t.text('source', 30).notNullable();
    t.ref('user_id');
    t.time('at').notNullable();
    t.index(['e164', 'at'], 'dnc_log_e164');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('dnc_log');
}
