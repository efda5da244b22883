import type { Knex } from 'knex';
import { isMaria } from './support/tables.ts';

/** A lead remembers the attempts of each of its numbers, of which there may be fifty. SQLite counts no characters. */
export async function up(knex: Knex): Promise<void> {
  if (isMaria(knex)) await knex.raw('alter table leads modify tries mediumtext');
}

/** Nothing to take back: what is longer now would not fit. */
export async function down(): Promise<void> {}
