import type { Knex } from 'knex';

const slots = 256;

export async function up(knex: Knex): Promise<void> {
  await knex('number_locks').delete();
  await knex('number_locks').insert(Array.from({ length: slots }, (_, slot) => ({ slot })));
}

export async function down(knex: Knex): Promise<void> {
  await knex('number_locks').delete();
}
