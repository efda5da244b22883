import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'settings', (t) => {
    t.text('key', 100).notNullable();
    t.long('value').notNullable();
    t.time('updated_at').notNullable();
    t.ref('updated_by');
    t.primary(['key']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('settings');
}
