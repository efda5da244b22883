import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** JSON: conditions that a customer must meet to be dialled, see `campaigns/leads/lead-filter.ts`; null: none. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'lead_filter', (t) => {
    t.long('lead_filter');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (t) => t.dropColumn('lead_filter'));
}
