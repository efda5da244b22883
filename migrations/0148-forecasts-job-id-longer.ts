import type { Knex } from 'knex';
import { isMaria } from './support/tables.ts';

/** A job of Bull has its queue's name before its own id: together longer than 40 characters. SQLite counts none. */
export async function up(knex: Knex): Promise<void> {
  if (isMaria(knex)) await knex.raw('alter table forecasts modify job_id varchar(191)');
}

/** Nothing to take back: what is longer now would not fit. */
export async function down(): Promise<void> {}
