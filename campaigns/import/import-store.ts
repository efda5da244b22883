import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import {
  importAfter,
  importTransitions,
  type Import,
  type ImportCounts,
  type ImportEvent,
  type ImportOptions,
  type ImportState,
  type Verdict,
} from './import.ts';

interface ImportTableRow {
  id: number;
  list_id: number;
  state: string;
  file_name: string;
  file_path: string;
  file_size: number;
  options: string;
  counts: string | null;
  rows_done: number;
  error: string | null;
  job_id: string | null;
  created_by: number | null;
  created_at: number;
  updated_at: number;
  finished_at: number | null;
}

/** One row of a file with its verdict. Refused rows and duplicates are all kept, of the others the first ones. */
export interface ImportRow {
  readonly number: number;
  readonly verdict: Verdict;
  /** A RowReason, with what is shown behind it: `same-number-before:17`. */
  readonly reason: string | null;
  readonly customerId: number | null;
  readonly cells: readonly string[];
}

interface Counts {
  checked: ImportCounts | null;
  committed: ImportCounts | null;
}

export type ImportStore = ReturnType<typeof createImportStore>;

/** All SQL for imports and the verdicts of their rows. */
export function createImportStore(app: Pick<App, 'db'>) {
  const { db } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<ImportTableRow>('imports');

  async function get(id: number, trx?: Knex.Transaction): Promise<Import | null> {
    const row = await table(trx).where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function create(
    file: { listId: number; fileName: string; filePath: string; fileSize: number; options: ImportOptions },
    by: { userId: number | null; now: number },
  ): Promise<number> {
    return db.insertId('imports', {
      list_id: file.listId,
      state: 'uploaded',
      file_name: file.fileName.slice(0, 191),
      file_path: file.filePath,
      file_size: file.fileSize,
      options: JSON.stringify(file.options),
      created_by: by.userId,
      created_at: by.now,
      updated_at: by.now,
    });
  }

  async function recent(limit = 20, listId?: number): Promise<Import[]> {
    const rows = await table()
      .modify((query) => (listId === undefined ? query : query.where({ list_id: listId })))
      .orderBy('id', 'desc')
      .limit(limit);
    return rows.map(fromRow);
  }

  /** Imports that were left before their end, by when they were last touched. */
  async function untouchedSince(at: number): Promise<Import[]> {
    const rows = await table()
      .whereNotIn('state', ['done', 'checking', 'committing'])
      .where('updated_at', '<', at)
      .orderBy('id', 'desc')
      .limit(1_000);
    return rows.map(fromRow);
  }

  /** False when the state does not allow it or has changed meanwhile. `more` is written with it. */
  async function move(
    id: number,
    event: ImportEvent,
    now: number,
    more: {
      options?: ImportOptions;
      jobId?: string | null;
      listId?: number;
      rowsDone?: number;
      counts?: Counts;
      error?: Import['error'];
    } = {},
    trx?: Knex.Transaction,
  ): Promise<boolean> {
    const from = (Object.keys(importTransitions) as ImportState[]).filter((state) =>
      importAfter(state, event),
    );
    for (const state of from) {
      const to = importAfter(state, event)!;
      const rows = await table(trx)
        .where({ id, state })
        .update({
          state: to,
          updated_at: now,
          ...(more.options ? { options: JSON.stringify(more.options) } : {}),
          ...(more.jobId !== undefined ? { job_id: more.jobId } : {}),
          ...(more.listId !== undefined ? { list_id: more.listId } : {}),
          ...(more.rowsDone !== undefined ? { rows_done: more.rowsDone } : {}),
          ...(more.counts ? { counts: JSON.stringify(more.counts) } : {}),
          ...(more.error !== undefined
            ? { error: more.error && JSON.stringify(more.error).slice(0, 255) }
            : {}),
          ...(to === 'done' || to === 'failed' ? { finished_at: now } : {}),
        });
      if (rows === 1) return true;
    }
    return false;
  }

  async function setJob(id: number, jobId: string): Promise<void> {
    await table().where({ id }).update({ job_id: jobId });
  }

  /** Choices on the page of columns, kept before the check. Only while the file waits for them. */
  async function saveOptions(id: number, options: ImportOptions, now: number): Promise<boolean> {
    const rows = await table()
      .where({ id })
      .whereIn('state', ['uploaded', 'checked', 'failed'])
      .update({ options: JSON.stringify(options), updated_at: now });
    return rows === 1;
  }

  /**
   * Notes how far a job has come: only on from `before`, and only while the import is in `state`. False: somebody else
   * has it, or it was stopped.
   */
  async function advance(
    id: number,
    step: { state: ImportState; before: number; rowsDone: number; counts: Counts },
    now: number,
    trx: Knex.Transaction,
  ): Promise<boolean> {
    const rows = await table(trx)
      .where({ id, state: step.state, rows_done: step.before })
      .update({ rows_done: step.rowsDone, counts: JSON.stringify(step.counts), updated_at: now });
    return rows === 1;
  }

  async function restart(id: number, now: number): Promise<void> {
    await table().where({ id, state: 'checking' }).update({ rows_done: 0, updated_at: now });
    await clearRows(id);
  }

  async function clearRows(id: number, trx?: Knex.Transaction): Promise<void> {
    await (trx ?? db.knex)('import_rows').where({ import_id: id }).delete();
  }

  async function addRows(id: number, rows: readonly ImportRow[], trx: Knex.Transaction): Promise<void> {
    await db.insertMany(
      'import_rows',
      rows.map((row) => ({
        import_id: id,
        row_number: row.number,
        verdict: row.verdict,
        reason: row.reason,
        customer_id: row.customerId,
        cells: JSON.stringify(row.cells),
      })),
      trx,
    );
  }

  /** Rows of a verdict in the order of the file, after row `after`. */
  async function rows(
    id: number,
    which: { verdict?: Verdict; reason?: string; after?: number; limit: number },
  ): Promise<ImportRow[]> {
    const found: {
      row_number: number;
      verdict: Verdict;
      reason: string | null;
      customer_id: number | null;
      cells: string;
    }[] = await db
      .knex('import_rows')
      .where({ import_id: id })
      .where('row_number', '>', which.after ?? 0)
      .modify((query) => {
        if (which.verdict) query.where({ verdict: which.verdict });
        if (which.reason) query.where('reason', '>=', which.reason).where('reason', '<', `${which.reason};`);
      })
      .orderBy('row_number')
      .limit(which.limit);
    return found.map((row) => ({
      number: row.row_number,
      verdict: row.verdict,
      reason: row.reason,
      customerId: row.customer_id,
      cells: JSON.parse(row.cells) as string[],
    }));
  }

  return {
    get,
    create,
    recent,
    untouchedSince,
    move,
    setJob,
    saveOptions,
    advance,
    restart,
    clearRows,
    addRows,
    rows,
  };
}

function fromRow(row: ImportTableRow): Import {
  const counts = row.counts ? (JSON.parse(row.counts) as Counts) : { checked: null, committed: null };
  return {
    id: row.id,
    listId: row.list_id,
    state: row.state as ImportState,
    fileName: row.file_name,
    filePath: row.file_path,
    fileSize: row.file_size,
    options: JSON.parse(row.options) as ImportOptions,
    checked: counts.checked,
    committed: counts.committed,
    rowsDone: row.rows_done,
    error: row.error ? parseError(row.error) : null,
    jobId: row.job_id,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  };
}

function parseError(text: string): Import['error'] {
  try {
    return JSON.parse(text) as Import['error'];
  } catch {
    return { code: 'internal', details: {} };
  }
}
