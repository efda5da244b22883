import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** JSON: windows of the customer's day between which attempts change. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'campaigns', 'day_parts', (t) => {
    t.text('day_parts', 255).notNullable().defaultTo('[]');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('campaigns', (t) => t.dropColumn('day_parts'));
}
