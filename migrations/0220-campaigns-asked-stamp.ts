import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** What the gate went by when a campaign's leads that were put off have been asked about last. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'asked_stamp', (t) => {
    t.text('asked_stamp', 64);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (t) => t.dropColumn('asked_stamp'));
}
