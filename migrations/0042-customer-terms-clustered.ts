import type { Knex } from 'knex';
import { createTable, isMaria } from './support/tables.ts';

/**
 * The suffix index of names and numbers, stored once: InnoDB clusters by the primary key anyway, SQLite is told to. A
 * customer's terms follow from its own row, so no second index is needed to take them away.
 */
export async function up(knex: Knex): Promise<void> {
  if (isMaria(knex)) {
    await createTable(knex, 'customer_terms', (t) => {
      t.text('term', 16).notNullable();
      t.ref('customer_id').notNullable();
      t.primary(['term', 'customer_id']);
    });
    return;
  }
  await knex.schema.dropTableIfExists('customer_terms');
  await knex.raw(
    'create table customer_terms (term text not null, customer_id integer not null, ' +
      'primary key (term, customer_id)) without rowid',
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('customer_terms');
}
