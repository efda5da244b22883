import type { App } from '../../core/app.ts';

const newestRead = 2_000;
const batch = 400;

/**
 * Names of the firm's own fields that the newest customers and `among` have, those that most have first. A look at some:
 * reading every customer would take seconds where there are millions.
 */
export async function customFieldNames(
  { db }: Pick<App, 'db'>,
  among: readonly number[] = [],
): Promise<string[]> {
  const counts = new Map<string, number>();
  const count = (rows: { custom: string | null }[]) => {
    for (const { custom } of rows)
      for (const name of Object.keys(custom ? (JSON.parse(custom) as object) : {}))
        counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  count(await db.knex('customers').orderBy('id', 'desc').limit(newestRead).select('custom'));
  const ids = [...new Set(among)];
  for (let from = 0; from < ids.length; from += batch)
    count(
      await db
        .knex('customers')
        .whereIn('id', ids.slice(from, from + batch))
        .select('custom'),
    );
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
}
