import type { Database } from '../../core/database/database.ts';

/** How SQLite goes about each statement that reads `table` while `work` runs, one text each. */
export async function plansOf(db: Database, table: string, work: () => Promise<unknown>): Promise<string[]> {
  const statements: { sql: string; bindings: readonly string[] }[] = [];
  const note = ({ sql, bindings }: { sql: string; bindings: readonly string[] }) => {
    if (sql.startsWith('select') && sql.includes(`from \`${table}\``)) statements.push({ sql, bindings });
  };
  db.knex.on('query', note);
  await work().finally(() => db.knex.removeListener('query', note));
  const plans: string[] = [];
  for (const { sql, bindings } of statements) {
    const steps = (await db.knex.raw(`explain query plan ${sql}`, [...bindings])) as { detail: string }[];
    plans.push(steps.map(({ detail }) => detail).join('\n'));
  }
  return plans;
}
