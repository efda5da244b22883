import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** How long an agent's own callback waits for that agent before it is anyone's; null: for ever. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'callback_handover_ms', (t) => {
    t.time('callback_handover_ms').defaultTo(1_800_000);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (t) => t.dropColumn('callback_handover_ms'));
}
