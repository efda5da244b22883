import type { Knex } from 'knex';
import { isMaria } from './support/tables.ts';

/** A small trunk takes less than one call a second. SQLite keeps a fraction in the column as it is. */
export async function up(knex: Knex): Promise<void> {
  if (isMaria(knex)) await knex.raw('alter table trunks modify calls_per_second double not null');
}

export async function down(knex: Knex): Promise<void> {
  if (!isMaria(knex)) return;
  await knex('trunks').where('calls_per_second', '<', 1).update({ calls_per_second: 1 });
  await knex.raw('alter table trunks modify calls_per_second int not null');
}
