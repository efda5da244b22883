import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** When a disposition was first given: from then on calls refer to it. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'dispositions', 'used_at', (t) => {
    t.time('used_at');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('dispositions', (table) => table.dropColumn('used_at'));
}
