import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Customer, CustomerFields } from '../../crm/index.ts';
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

export interface TakenRow {
  readonly number: number;
  readonly customerId: number;
  readonly created: boolean;
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
const columns = ['import_id', 'row_number', 'verdict', 'reason', 'customer_id', 'created', 'cells'];

/** All SQL for the verdicts of rows, and for what merging changed. */
export function createImportRowsStore(app: Pick<App, 'db'>) {
  const { db } = app;

  async function add(id: number, rows: readonly KeptRow[], trx: Knex.Transaction): Promise<void> {
    const values = rows.map((row) => [
      ...[id, row.number, row.verdict, row.reason?.slice(0, 100) ?? null, row.customerId],
      row.created === null ? null : Number(row.created),
      row.cells && JSON.stringify(row.cells),
    ]);
    await db.load('import_rows', columns, values, trx);
  }

  /** Piece by piece, so that no statement holds others up. */
  async function clear(id: number): Promise<void> {
    const last = (await db
      .knex('import_rows')
      .where({ import_id: id })
      .max({ row: 'row_number' })
      .first()) as { row: number | null } | undefined;
    for (let from = 0; from <= (last?.row ?? -1); from += clearedAtOnce)
      await db
        .knex('import_rows')
        .where({ import_id: id })
        .whereBetween('row_number', [from, from + clearedAtOnce - 1])
        .delete();
    await db.knex('import_merges').where({ import_id: id }).delete();
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
    return found.map((row) => ({
      number: row.row_number,
      verdict: row.verdict,
      reason: row.reason,
      customerId: row.customer_id,
      created: row.created === null ? null : row.created === 1,
      cells: row.cells === null ? null : (JSON.parse(row.cells) as string[]),
    }));
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
      .select('row_number', 'customer_id', 'created');
    return found.map((row) => ({
      number: row.row_number,
      customerId: row.customer_id!,
      created: row.created === 1,
    }));
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
