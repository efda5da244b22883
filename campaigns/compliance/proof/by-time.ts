import type { Knex } from 'knex';
import type { ProofPeriod } from './rule-texts.ts';

export type LoggedRow = Record<string, string | number | null>;

const atOnce = 2_000;

/**
 * Rows of a table with `at` and `id`, within a period and in the order of their time, read once and a little at a time:
 * embedded, calls wait while one statement runs. `table` makes the query anew for each part.
 */
export async function* byTime(
  table: () => Knex.QueryBuilder,
  period: ProofPeriod,
): AsyncGenerator<LoggedRow> {
  for (let after = { at: period.from, id: 0 }; ;) {
    const rows: LoggedRow[] = await table()
      // Said again on its own: it is where the index is entered.
      .where('at', '>=', after.at)
      .where('at', '<', period.until)
      .where((later: Knex.QueryBuilder) =>
        later
          .where('at', '>', after.at)
          .orWhere((same: Knex.QueryBuilder) => same.where({ at: after.at }).where('id', '>', after.id)),
      )
      .orderBy(['at', 'id'])
      .limit(atOnce);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < atOnce) return;
    after = { at: Number(last.at), id: Number(last.id) };
    await breath();
  }
}

/** Whatever else waits to be done is done first. */
export const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
