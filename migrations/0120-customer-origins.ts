import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** How many customers came at once, told once: each customer's timeline shows it. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'customer_origins', (t) => {
    t.id();
    // `import:12`: whoever goes on after a crash finds what was begun.
    t.text('source', 60).notNullable();
    t.time('at').notNullable();
    t.text('kind', 30).notNullable();
    t.ref('user_id');
    t.long('data').notNullable();
    t.unique(['source'], 'customer_origins_source');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('customer_origins');
}
