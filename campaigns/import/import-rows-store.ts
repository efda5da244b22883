import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Customer, CustomerFields } from '../../crm/index.ts';
import { packRows, unpackRows, type TakenRow } from './row-runs.ts';
import type { Verdict } from './verdict.ts';

/** One row of a file with its verdict. */
export interface KeptRow {
  readonly number: number;
  readonly verdict: Verdict;
  /** A RowReason, with what is shown behind it: `same-number-before:17`. */
  readonly reason: string | null;
  readonly customerId: number | null;
  /** Whether the row made its customer; null when it was not taken. */
  readonly created: boolean | null;
  /** As they stood in the file; null where only the verdict is kept. */
  readonly cells: readonly string[] | null;
}

/** A customer as it was before a row changed it; the change made one more revision. */
export interface KeptMerge {
  readonly row: number;
  readonly customer: Customer;
}

interface StoredRow {
  row_number: number;
  verdict: Verdict;
  reason: string | null;
  customer_id: number | null;
  created: number | null;
  cells: string | null;
}

const clearedAtOnce = 20_000;
/** Batches read at once while looking for rows. */
const batchesAtOnce = 20;
const columns = ['import_id', 'row_number', 'verdict', 'reason', 'customer_id', 'created', 'cells'];

/** All SQL for the verdicts of rows, and for what merging changed. */
export function createImportRowsStore(app: Pick<App, 'db'>) {
  const { db } = app;

  /** The rows of one batch in their order: with their cells as they are, those without packed. */
  async function add(id: number, rows: readonly KeptRow[], trx: Knex.Transaction): Promise<void> {
    const packed = rows.flatMap((row): TakenRow[] =>
      row.cells === null && row.created !== null
        ? [{ number: row.number, verdict: row.verdict, customerId: row.customerId!, created: row.created }]
        : [],
    );
    if (packed.length > 0)
      await trx('import_runs').insert({
        import_id: id,
        first_row: packed[0]!.number,
        last_row: packed.at(-1)!.number,
        runs: packRows(packed),
      });
    const values = rows
      .filter(({ cells }) => cells !== null)
      .map((row) => [
        ...[id, row.number, row.verdict, row.reason?.slice(0, 100) ?? null, row.customerId],
        row.created === null ? null : Number(row.created),
        JSON.stringify(row.cells),
      ]);
    await db.load('import_rows', columns, values, trx);
  }

  /** Piece by piece, so that no statement holds others up; `may` is asked before each, and holds what it says till then. */
  async function clear(id: number, may?: (trx: Knex.Transaction) => Promise<boolean>): Promise<void> {
    const last = (await db
      .knex('import_rows')
      .where({ import_id: id })
      .max({ row: 'row_number' })
      .first()) as { row: number | null } | undefined;
    const remove = async (table: string, from = 0, to = Infinity) =>
      db.transaction(async (trx) => {
        if (may && !(await may(trx))) return;
        const rows = trx(table).where({ import_id: id });
        await (to < Infinity ? rows.whereBetween('row_number', [from, to]) : rows).delete();
      });
    for (let from = 0; from <= (last?.row ?? -1); from += clearedAtOnce)
      await remove('import_rows', from, from + clearedAtOnce - 1);
    await remove('import_runs');
    await remove('import_merges');
  }

  /** Rows that are kept packed, after row `after`, up to `limit`. */
  async function packedRows(
    id: number,
    after: number,
    limit: number,
    wanted?: readonly Verdict[],
  ): Promise<TakenRow[]> {
    const found: TakenRow[] = [];
    for (let from = after; found.length < limit;) {
      const batches: { last_row: number; runs: string }[] = await db
        .knex('import_runs')
        .where({ import_id: id })
        .where('last_row', '>', from)
        .orderBy('first_row')
        .limit(batchesAtOnce)
        .select('last_row', 'runs');
      for (const { runs } of batches)
        for (const row of unpackRows(runs, after, wanted)) {
          if (found.length === limit) break;
          found.push(row);
        }
      if (batches.length < batchesAtOnce) break;
      from = batches.at(-1)!.last_row;
    }
    return found;
  }

  /** Rows of a verdict in the order of the file, after row `after`. */
  async function list(
    id: number,
    which: { verdicts?: readonly Verdict[]; reason?: string; after?: number; limit: number },
  ): Promise<KeptRow[]> {
    const found: StoredRow[] = await db
      .knex('import_rows')
      .where({ import_id: id })
      .where('row_number', '>', which.after ?? 0)
      .modify((query) => {
        if (which.verdicts) query.whereIn('verdict', [...which.verdicts]);
        if (which.reason) query.where('reason', '>=', which.reason).where('reason', '<', `${which.reason};`);
      })
      .orderBy('row_number')
      .limit(which.limit);
    const stored = found.map((row): KeptRow => ({
      number: row.row_number,
      verdict: row.verdict,
      reason: row.reason,
      customerId: row.customer_id,
      created: row.created === null ? null : row.created === 1,
      cells: row.cells === null ? null : (JSON.parse(row.cells) as string[]),
    }));
    // Rows with a reason were not taken, and only those that were are packed.
    if (which.reason) return stored;
    const packed = (await packedRows(id, which.after ?? 0, which.limit, which.verdicts)).map(
      (row): KeptRow => ({ ...row, reason: null, cells: null }),
    );
    return inOrder(stored, packed, which.limit);
  }

  /** Rows that put a customer on the list, after row `after`. */
  async function takenRows(id: number, after: number, limit: number): Promise<TakenRow[]> {
    const found: StoredRow[] = await db
      .knex('import_rows')
      .where({ import_id: id })
      .where('row_number', '>', after)
      .whereNotNull('created')
      .orderBy('row_number')
      .limit(limit)
      .select('row_number', 'verdict', 'customer_id', 'created');
    const stored = found.map((row): TakenRow => ({
      number: row.row_number,
      verdict: row.verdict,
      customerId: row.customer_id!,
      created: row.created === 1,
    }));
    return inOrder(stored, await packedRows(id, after, limit), limit);
  }

  async function addMerges(id: number, merges: readonly KeptMerge[], trx: Knex.Transaction): Promise<void> {
    const rows = merges.map(({ row, customer }) => {
      const { id: customer_id, revision, createdAt: _c, updatedAt: _u, ...fields } = customer;
      return [id, row, customer_id, revision + 1, JSON.stringify(fields)];
    });
    const names = ['import_id', 'row_number', 'customer_id', 'revision', 'fields'];
    await db.load('import_merges', names, rows, trx);
  }

  async function mergesOf(
    id: number,
    from: number,
    to: number,
    trx: Knex.Transaction,
  ): Promise<{ customerId: number; revision: number; fields: CustomerFields }[]> {
    const rows: { customer_id: number; revision: number; fields: string }[] = await trx('import_merges')
      .where({ import_id: id })
      .whereBetween('row_number', [from, to]);
    return rows.map((row) => ({
      customerId: row.customer_id,
      revision: row.revision,
      fields: JSON.parse(row.fields) as CustomerFields,
    }));
  }

  return { add, clear, list, takenRows, addMerges, mergesOf };
}

function inOrder<Row extends { number: number }>(a: readonly Row[], b: readonly Row[], limit: number): Row[] {
  return [...a, ...b].sort((one, other) => one.number - other.number).slice(0, limit);
}
