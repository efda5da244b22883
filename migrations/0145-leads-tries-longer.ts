import type { Knex } from 'knex';
import { isMaria } from './support/tables.ts';

/** A lead remembers the attempts of each of its numbers: ten of them take more than 500 characters. SQLite counts none. */
export async function up(knex: Knex): Promise<void> {
  if (isMaria(knex)) await knex.raw('alter table leads modify tries varchar(2000)');
}

/** Nothing to take back: what is longer now would not fit. */
export async function down(): Promise<void> {}
