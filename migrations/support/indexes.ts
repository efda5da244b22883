import type { Knex } from 'knex';
import { isMaria } from './tables.ts';

/** Adds an index unless a cut-off run has added it already. */
export async function addIndex(knex: Knex, table: string, columns: string[], name: string): Promise<void> {
  const list = columns.map(() => '??').join(', ');
  if (isMaria(knex)) {
    if (await hasIndex(knex, table, name)) return;
    await knex.raw(`create index ?? on ?? (${list})`, [name, table, ...columns]);
  } else await knex.raw(`create index if not exists ?? on ?? (${list})`, [name, table, ...columns]);
}

/** Drops an index unless a cut-off run has dropped it already. */
export async function dropIndex(knex: Knex, table: string, name: string): Promise<void> {
  if (!isMaria(knex)) await knex.raw('drop index if exists ??', [name]);
  else if (await hasIndex(knex, table, name)) await knex.raw('drop index ?? on ??', [name, table]);
}

async function hasIndex(knex: Knex, table: string, name: string): Promise<boolean> {
  const [rows] = await knex.raw('show index from ?? where key_name = ?', [table, name]);
  return (rows as unknown[]).length > 0;
}
