import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Under which number a customer is parked: a dialer that was started anew goes on from there. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'calls', 'park_slot', (t) => {
    t.int('park_slot');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('calls', (table) => table.dropColumn('park_slot'));
}
