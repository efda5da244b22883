import type { Knex } from 'knex';
import { addColumn, type Columns } from './support/tables.ts';

const columns: Readonly<Record<string, (table: Columns) => void>> = {
  campaign_id: (t) => t.ref('campaign_id'),
  user_id: (t) => t.ref('user_id'),
  customer_id: (t) => t.ref('customer_id'),
  e164: (t) => t.text('e164', 20),
  outcome: (t) => t.text('outcome', 20),
  disposition_id: (t) => t.ref('disposition_id'),
};

/** What recordings are looked for by, beside them: a million are not joined to their calls to show fifty. */
export async function up(knex: Knex): Promise<void> {
  for (const [name, build] of Object.entries(columns)) await addColumn(knex, 'recordings', name, build);
}

export async function down(knex: Knex): Promise<void> {
  for (const name of Object.keys(columns))
    await knex.schema.alterTable('recordings', (table) => table.dropColumn(name));
}
