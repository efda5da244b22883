import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** For how long sound is kept, by campaign. */
export async function up(knex: Knex): Promise<void> {
  // The row that 0235 makes is nobody's rule yet.
  if (await knex.schema.hasTable('retention_rules'))
    await knex('retention_rules').where({ campaign_id: 0 }).whereNull('changed_at').delete();
  await createTable(knex, 'retention_rules', (t) => {
    // 0: where a campaign has none of its own, and for calls outside any.
    t.ref('campaign_id').notNullable();
    // null: for ever
    t.int('days');
    t.int('revision').notNullable().defaultTo(0);
    t.ref('changed_by');
    t.time('changed_at');
    t.primary(['campaign_id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('retention_rules');
}
