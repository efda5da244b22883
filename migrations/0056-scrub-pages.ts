import type { Knex } from 'knex';
import { createTable, isMaria } from './support/tables.ts';

/** Numbers of a list by their upper digits: one row holds the lower 16 bits of up to 65,536 neighbours, in order. */
export async function up(knex: Knex): Promise<void> {
  const blob = isMaria(knex) ? 'mediumblob' : 'blob';
  await createTable(knex, 'scrub_pages', (t) => {
    t.ref('list_id').notNullable();
    // The number without its plus, divided by 65,536
    t.time('head').notNullable();
    t.raw.specificType('tails', blob).notNullable();
    // Beside each tail the day it speaks of, days since 2000-01-01; null where the list knows none
    t.raw.specificType('days', blob);
    t.primary(['list_id', 'head']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('scrub_pages');
}
