import type { Knex } from 'knex';

/** Nothing is deleted until somebody says so. Holds and deletions wait for each other at this row. */
export async function up(knex: Knex): Promise<void> {
  if (await knex('retention_rules').where({ campaign_id: 0 }).first()) return;
  await knex('retention_rules').insert({ campaign_id: 0, days: null });
}

export async function down(): Promise<void> {}
