import { addToCounts, type ImportCounts, type Verdict } from '../verdict.ts';
import type { KeptRow } from '../import-rows-store.ts';
import type { DecidedRow } from './decide-rows.ts';

/** Of rows that are taken, so many of each verdict keep their cells to be looked at. */
const keptExamples = 200;

export function countRows(before: ImportCounts, rows: readonly DecidedRow[]): ImportCounts {
  return addToCounts(before, rows);
}

/**
 * The rows with their verdicts as they are kept: those not taken with their cells, to be mended and loaded again; of the
 * others the first of each verdict. `all`: the others without cells as well, as a record of what became of each.
 */
export function keptRows(
  rows: readonly DecidedRow[],
  before: ImportCounts,
  idOf: (row: DecidedRow) => number | null,
  all: boolean,
): KeptRow[] {
  const seen: Partial<Record<Verdict, number>> = { ...before.verdicts };
  return rows.flatMap((row) => {
    const count = (seen[row.verdict] = (seen[row.verdict] ?? 0) + 1);
    const withCells = !row.taken || count <= keptExamples;
    if (!withCells && !all) return [];
    return [
      {
        number: row.number,
        verdict: row.verdict,
        reason: row.reason === null ? null : `${row.reason}:${row.detail}`,
        customerId: idOf(row),
        created: row.taken ? row.created : null,
        cells: withCells ? row.judged.cells : null,
      },
    ];
  });
}
