import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Since when a refusal that was written down by mistake is not counted; a line of its own says why. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'consents', 'annulled_at', (t) => {
    t.time('annulled_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('consents', (table) => table.dropColumn('annulled_at'));
}
