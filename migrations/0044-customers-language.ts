import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

export async function up(knex: Knex): Promise<void> {
  await addIndex(knex, 'customers', ['language', 'id'], 'customers_language');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'customers', 'customers_language');
}
