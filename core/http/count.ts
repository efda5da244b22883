import type { Knex } from 'knex';
import type { Database } from '../database/database.ts';
import type { Total } from './list-definition.ts';

/** Counts the rows of `query`, but no further than `cap`: a count of ten million rows takes seconds, a page may not. */
export async function countUpTo(db: Database, query: Knex.QueryBuilder, cap = 10_000): Promise<Total> {
  const inner = query
    .clone()
    .clearOrder()
    .clearSelect()
    .select(db.knex.raw('1 as one'))
    .limit(cap + 1)
    .as('counted');
  const row = (await db.knex.from(inner).count({ n: '*' }).first()) as { n: number | string };
  const count = Number(row.n);
  return count > cap ? { count: cap, more: true } : { count, more: false };
}

/** `text` for a LIKE with `escape '!'`: its own wildcards are plain characters. */
export function likePattern(text: string): string {
  return `%${text.replace(/[!%_]/g, '!$&')}%`;
}
