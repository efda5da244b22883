import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Numbers of the firm's own people and partners, to whom agents hand customers on. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'partner_numbers', (t) => {
    t.id();
    t.text('e164', 20).notNullable();
    t.text('name', 120).notNullable();
    t.ref('added_by').notNullable();
    t.time('added_at').notNullable();
    t.unique(['e164'], 'partner_numbers_e164');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('partner_numbers');
}
