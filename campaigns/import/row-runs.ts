import type { Verdict } from './verdict.ts';
import { verdicts } from './verdict.ts';

/** A row that put a customer on the list. */
export interface TakenRow {
  readonly number: number;
  readonly verdict: Verdict;
  readonly customerId: number;
  /** Whether the row made its customer, or that was there. */
  readonly created: boolean;
}

/** Row, how many follow it, verdict by its place in `verdicts`, made (1) or there (0), customer of the first. */
type Run = readonly [row: number, count: number, verdict: number, created: number, customerId: number];

/**
 * Rows of a batch as runs: rows that follow each other with one verdict, whose customers follow each other too. A list of
 * new people is one run, whatever its length. The text is what the database keeps.
 */
export function packRows(rows: readonly TakenRow[]): string {
  const runs: [number, number, number, number, number][] = [];
  for (const row of rows) {
    const verdict = verdicts.indexOf(row.verdict);
    const made = Number(row.created);
    const last = runs.at(-1);
    if (
      last &&
      last[0] + last[1] === row.number &&
      last[2] === verdict &&
      last[3] === made &&
      last[4] + last[1] === row.customerId
    )
      last[1] += 1;
    else runs.push([row.number, 1, verdict, made, row.customerId]);
  }
  return JSON.stringify(runs);
}

/** The rows of a packed batch that come after row `after`, of these verdicts if any are named. */
export function* unpackRows(packed: string, after: number, wanted?: readonly Verdict[]): Generator<TakenRow> {
  for (const [row, count, place, created, customerId] of JSON.parse(packed) as Run[]) {
    const verdict = verdicts[place]!;
    if (row + count <= after || (wanted && !wanted.includes(verdict))) continue;
    for (let step = Math.max(0, after + 1 - row); step < count; step++)
      yield { number: row + step, verdict, customerId: customerId + step, created: created === 1 };
  }
}
