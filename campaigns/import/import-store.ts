import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import {
  defaultOptions,
  importAfter,
  importTransitions,
  type Import,
  type ImportEvent,
  type ImportOptions,
  type ImportState,
} from './import.ts';
import { noCounts, type ImportCounts } from './verdict.ts';

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
  taken_up: number;
  created_by: number | null;
  created_at: number;
  updated_at: number;
  finished_at: number | null;
}

/** What a job has come to, as it stands in `counts`. */
export type ImportProgress = Pick<Import, 'checked' | 'committed' | 'undone' | 'pace'>;

export type ImportStore = ReturnType<typeof createImportStore>;

/** All SQL for imports; the verdicts of their rows are in `import-rows-store`. */
export function createImportStore(app: Pick<App, 'db'>) {
  const { db } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<ImportTableRow>('imports');

  async function get(id: number, trx?: Knex.Transaction): Promise<Import | null> {
    const row = await table(trx).where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** As it stands; until the transaction ends nobody else writes to it. */
  async function hold(id: number, trx: Knex.Transaction): Promise<Import | null> {
    const row = await table(trx).where({ id }).forUpdate().first();
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

  /** Files that are still wanted: of imports at work, and of those left before their end after `since`. */
  async function openFiles(since: number): Promise<string[]> {
    return (await table()
      .whereIn('state', ['checking', 'committing'])
      .orWhere((left) =>
        left
          .whereIn('state', ['uploaded', 'checked', 'paused', 'stopped', 'failed'])
          .where('updated_at', '>=', since),
      )
      .pluck('file_path')) as string[];
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
      progress?: ImportProgress;
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
          ...(more.progress ? { counts: JSON.stringify(more.progress) } : {}),
          ...(more.error !== undefined
            ? { error: more.error && JSON.stringify(more.error).slice(0, 255) }
            : {}),
          ...(event === 'check' || event === 'commit' || event === 'undo' ? { taken_up: 0 } : {}),
          ...(to === 'done' || to === 'failed' ? { finished_at: now } : {}),
        });
      if (rows === 1) return true;
    }
    return false;
  }

  async function setJob(id: number, jobId: string | null): Promise<void> {
    await table().where({ id }).update({ job_id: jobId });
  }

  /** At work, and without a sign of life since. */
  async function busySince(time: number): Promise<Import[]> {
    const rows = await table()
      .whereIn('state', ['checking', 'committing', 'undoing'])
      .where('updated_at', '<=', time)
      .orderBy('id');
    return rows.map(fromRow);
  }

  /** An import that lost its job is to be begun again. False: somebody else is doing so, or it has come on. */
  async function takeUp({ id, state, jobId, takenUp, updatedAt }: Import, now: number): Promise<boolean> {
    const rows = await table()
      .where({ id, state, job_id: jobId, taken_up: takenUp, updated_at: updatedAt })
      .update({ job_id: null, taken_up: takenUp + 1, updated_at: now });
    return rows === 1;
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
   * Notes how far a job has come: only on from `before`, while the import is in `state` and no other job's. False:
   * somebody else has it, or it was stopped.
   */
  async function advance(
    id: number,
    step: { state: ImportState; before: number; rowsDone: number; jobId?: string },
    progress: ImportProgress,
    now: number,
    trx: Knex.Transaction,
  ): Promise<boolean> {
    const rows = await table(trx)
      .where({ id, state: step.state, rows_done: step.before })
      .modify((query) => (step.jobId === undefined ? query : query.where(ofJob(step.jobId))))
      .update({
        rows_done: step.rowsDone,
        counts: JSON.stringify(progress),
        updated_at: now,
        // A check begins anew each time: rows that it has behind it are nothing it could go on from.
        ...(step.state === 'checking' ? {} : { taken_up: 0 }),
      });
    return rows === 1;
  }

  /** How far it has been taken back; until the transaction ends nobody else takes anything back. */
  async function undoneUpTo(id: number, trx: Knex.Transaction): Promise<number> {
    const row = await table(trx).where({ id }).forUpdate().first('counts');
    return row?.counts ? ((JSON.parse(row.counts) as Partial<ImportProgress>).undone?.upTo ?? 0) : 0;
  }

  /** A check begins anew. False: it is not this job's any more. */
  async function restart(id: number, jobId: string, now: number): Promise<boolean> {
    const rows = await table()
      .where({ id, state: 'checking' })
      .where(ofJob(jobId))
      .update({ rows_done: 0, updated_at: now });
    return rows === 1;
  }

  /** Whether nothing of it has been written yet; until the transaction ends nobody writes. */
  async function isUntouched(id: number, now: number, trx: Knex.Transaction): Promise<boolean> {
    const rows = await table(trx)
      .where({ id, state: 'committing', rows_done: 0 })
      .update({ updated_at: now });
    return rows === 1;
  }

  /** The import as it stands, for a job that begins or has lost its place; null when it is another's, or over. */
  async function stillOf(jobId: string, id: number, state: ImportState): Promise<Import | null> {
    const row = await table().where({ id, state }).where(ofJob(jobId)).first();
    return row ? fromRow(row) : null;
  }

  /** The job that was begun last; it may run before it is written down. */
  const ofJob = (jobId: string) => (its: Knex.QueryBuilder) =>
    void its.whereNull('job_id').orWhere('job_id', jobId);

  return {
    get,
    hold,
    create,
    recent,
    openFiles,
    move,
    busySince,
    takeUp,
    setJob,
    saveOptions,
    advance,
    restart,
    isUntouched,
    undoneUpTo,
    stillOf,
  };
}

function fromRow(row: ImportTableRow): Import {
  const progress = row.counts ? (JSON.parse(row.counts) as Partial<ImportProgress>) : {};
  return {
    id: row.id,
    listId: row.list_id,
    state: row.state as ImportState,
    fileName: row.file_name,
    filePath: row.file_path,
    fileSize: row.file_size,
    options: { ...defaultOptions, ...(JSON.parse(row.options) as Partial<ImportOptions>) },
    checked: counted(progress.checked),
    committed: counted(progress.committed),
    undone: progress.undone ?? null,
    pace: progress.pace ?? null,
    rowsDone: row.rows_done,
    error: row.error ? parseError(row.error) : null,
    jobId: row.job_id,
    takenUp: row.taken_up,
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

/** Counts as they were kept before rows had more verdicts than four. */
function counted(stored: unknown): ImportCounts | null {
  if (!stored) return null;
  const counts = stored as Partial<ImportCounts> & Record<string, number>;
  if (counts.verdicts) return counts as ImportCounts;
  const old = (verdict: string) => Number(counts[verdict] ?? 0);
  return {
    ...noCounts,
    total: old('total'),
    verdicts: {
      new: old('new'),
      merged: old('merged'),
      duplicate: old('duplicate'),
      refused: old('refused'),
    },
    reasons: counts.reasons ?? {},
    taken: old('new') + old('merged'),
    created: old('new'),
  };
}
