import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'timeline_entries', (t) => {
    t.id();
    t.ref('customer_id').notNullable();
    t.time('at').notNullable();
    // note, call, disposition, callback, dnc, import, edit …
    t.text('kind', 30).notNullable();
    t.ref('user_id');
    t.text('call_id', 40);
    // JSON: what the kind needs to be told in the reader's language.
    t.long('data').notNullable();
    t.index(['customer_id', 'at'], 'timeline_customer');
    t.index(['call_id'], 'timeline_call');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('timeline_entries');
}
