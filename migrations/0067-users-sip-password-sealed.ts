import type { Knex } from 'knex';
import { addColumn } from './support/tables.ts';

/** Holds what `sip_password` held in clear; the process that has the key moves it over when it starts. */
export async function up(knex: Knex): Promise<void> {
  await addColumn(knex, 'users', 'sip_password_sealed', (t) => t.text('sip_password_sealed', 191));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('users', (t) => t.dropColumn('sip_password_sealed'));
}
