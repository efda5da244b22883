import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** The campaign that a leave was asked for; null: calls of none. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'gate_overrides', 'campaign_id', (t) => void t.ref('campaign_id'));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('gate_overrides', (t) => t.dropColumn('campaign_id'));
}
