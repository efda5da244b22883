import type { Knex } from 'knex';
import { isMaria } from './tables.ts';

/** Adds an index unless a cut-off run has added it already. */
export async function addIndex(knex: Knex, table: string, columns: string[], name: string): Promise<void> {
  const list = columns.map(() => '??').join(', ');
  if (isMaria(knex)) {
    const [rows] = await knex.raw('show index from ?? where key_name = ?', [table, name]);
    if ((rows as unknown[]).length > 0) return;
    await knex.raw(`create index ?? on ?? (${list})`, [name, table, ...columns]);
  } else await knex.raw(`create index if not exists ?? on ?? (${list})`, [name, table, ...columns]);
}

export async function dropIndex(knex: Knex, table: string, name: string): Promise<void> {
  if (isMaria(knex)) await knex.raw('drop index ?? on ??', [name, table]);
  else await knex.raw('drop index if exists ??', [name]);
}
