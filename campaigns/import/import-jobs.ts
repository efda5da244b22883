import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../core/app.ts';
import type { RunningJob } from '../../core/jobs/jobs.ts';
import {
  createCustomerStore,
  createTimelineStore,
  type Customer,
  type CustomerFields,
} from '../../crm/index.ts';
import { bears, createDncStore } from '../dnc/index.ts';
import { createLeadBuilder } from '../leads/lead-builder.ts';
import { createListStore } from '../lists/index.ts';
import { createImportStore, type ImportRow } from './import-store.ts';
import { FileProblem, noCounts, type Import, type ImportCounts } from './import.ts';
import { judgedBatches, type JudgedRow } from './judge-rows.ts';
import { mergeFields } from './merge-fields.ts';
import type { ReadRow } from './read-row.ts';

export interface ImportJobData {
  importId: number;
}
export const checkJob = 'import.check';
export const commitJob = 'import.commit';
export const sweepJob = 'import.sweep';

const abandonedMs = 14 * 86_400_000;

/** Of rows that are fine, so many are kept to be looked at. */
const keptExamples = 200;

type GoodRow = { number: number; cells: string[]; row: ReadRow };

/** Gives each row of a file its verdict, and then writes them: two jobs over one reading of the file. */
export function createImportJobs(app: App) {
  const { db, clock } = app;
  const store = createImportStore(app);
  const customers = createCustomerStore(app);
  const timeline = createTimelineStore(app);
  const lists = createListStore(app);
  const dnc = createDncStore(app);
  const leads = createLeadBuilder(app);
  const pathOf = (found: Import) => join(app.config.dataDir, found.filePath);

  /** The dry run. Safe to repeat: it begins anew. */
  async function check(job: RunningJob<ImportJobData>): Promise<void> {
    const { importId } = job.data;
    const found = await store.get(importId);
    if (found?.state !== 'checking') return;
    await store.restart(importId, clock.now());
    let counts = noCounts;
    let rowsDone = 0;
    try {
      for await (const batch of judgedBatches(pathOf(found), found.options)) {
        if (job.signal.aborted) return;
        const good = batch.filter((row): row is GoodRow => row.row !== null);
        const matched = await customers.match(good.map(({ row }) => row.fields));
        const next = await count(counts, batch, good, matched);
        const before = rowsDone;
        rowsDone = batch.at(-1)!.number;
        const kept = keep(batch, good, matched, counts);
        const step = {
          state: 'checking' as const,
          before,
          rowsDone,
          counts: { checked: next, committed: null },
        };
        const mine = await db.transaction(async (trx) => {
          if (!(await store.advance(importId, step, clock.now(), trx))) return false;
          await store.addRows(importId, kept, trx);
          return true;
        });
        if (!mine) return;
        counts = next;
        await breathe();
      }
      if (counts.total === 0) throw new FileProblem('no-rows');
      await store.move(importId, 'checked', clock.now(), { counts: { checked: counts, committed: null } });
    } catch (error) {
      await failed(found, error, job);
    }
  }

  /** Writes customers, batch by batch, each with the place it came to: what was cut off goes on from there. */
  async function commit(job: RunningJob<ImportJobData>): Promise<void> {
    const { importId } = job.data;
    let found = await store.get(importId);
    if (found?.state !== 'committing') return;
    const resumeAfter = found.rowsDone;
    const total = Math.max(1, found.checked?.total ?? 1);
    const listName = (await lists.get(found.listId))?.name ?? '';
    try {
      if (resumeAfter === 0) await store.clearRows(importId);
      for await (const batch of judgedBatches(pathOf(found), found.options)) {
        if (batch.at(-1)!.number <= resumeAfter) continue;
        if (job.signal.aborted) return;
        const next = await commitBatch(found, batch, listName);
        if (!next) return;
        found = next;
        await job.progress(((next.committed?.total ?? 0) / total) * 100);
        await breathe();
      }
      if (!(await store.move(importId, 'finish', clock.now()))) return;
      await leads.buildForList(found.listId);
      // Everything worth keeping of it is in the database.
      await rm(pathOf(found), { force: true });
    } catch (error) {
      await failed(found, error, job);
    }
  }

  /** Null: the import is no longer this job's to write. */
  async function commitBatch(
    before: Import,
    batch: readonly JudgedRow[],
    listName: string,
  ): Promise<Import | null> {
    const good = batch.filter((row): row is GoodRow => row.row !== null);
    const listed = await onDnc(good);
    const now = clock.now();
    return db.transaction(async (trx) => {
      const matched = await customers.match(
        good.map(({ row }) => row.fields),
        trx,
      );
      const counts = tally(before.committed ?? noCounts, batch, good, matched, listed);
      const rowsDone = batch.at(-1)!.number;
      const step = {
        state: 'committing' as const,
        before: before.rowsDone,
        rowsDone,
        counts: { checked: before.checked, committed: counts },
      };
      if (!(await store.advance(before.id, step, now, trx))) return null;
      const fresh = good.filter((_, index) => !matched[index]);
      const freshIds = await customers.insertMany(fresh.map(({ row }) => row.fields), now, trx); // prettier-ignore
      const idOf = new Map(fresh.map((row, index) => [row, freshIds[index]!]));
      const current = new Map<number, Customer>();
      for (const [index, { row }] of good.entries()) {
        const known = matched[index];
        if (!known) continue;
        const latest = current.get(known.id) ?? known;
        const fields = mergeFields(latest, row.fields, before.options.existing);
        const saved = await customers.update(known.id, latest.revision, fields, now, trx);
        if (saved.saved) current.set(known.id, { ...latest, ...fields, revision: saved.revision });
      }
      const ids = good.map((row, index) => matched[index]?.id ?? idOf.get(row)!);
      await lists.addMembers(before.listId, ids, before.id, trx);
      await timeline.appendMany(
        good.flatMap(({ row }, index) => entriesOf(ids[index]!, row, before, listName, now)),
        trx,
      );
      await store.addRows(before.id, keep(batch, good, matched, before.committed ?? noCounts), trx);
      return { ...before, rowsDone, committed: counts };
    });
  }

  function entriesOf(customerId: number, row: ReadRow, from: Import, listName: string, at: number) {
    const base = { customerId, at, userId: from.createdBy };
    const came = { ...base, kind: 'import' as const, data: { importId: from.id, listId: from.listId, listName, fileName: from.fileName } }; // prettier-ignore
    return row.note ? [came, { ...base, kind: 'note' as const, data: { text: row.note } }] : [came];
  }

  async function count(
    counts: ImportCounts,
    batch: readonly JudgedRow[],
    good: readonly GoodRow[],
    matched: readonly (Customer | null)[],
  ): Promise<ImportCounts> {
    return tally(counts, batch, good, matched, await onDnc(good));
  }

  /** How many of these rows have a first number that may not be called by anybody. */
  async function onDnc(good: readonly GoodRow[]): Promise<number> {
    const first = (fields: CustomerFields) => fields.phones[0]!.e164;
    const entries = await dnc.entriesOf(good.map(({ row }) => first(row.fields)));
    const now = clock.now();
    return good.filter(({ row }) =>
      (entries.get(first(row.fields)) ?? []).some((entry) => bears(entry, null, now)),
    ).length;
  }

  async function failed(found: Import, error: unknown, job: RunningJob<ImportJobData>): Promise<void> {
    if (!(error instanceof FileProblem)) {
      // Perhaps the database was away: the queue tries again, and only the last failure is final.
      if (job.attempt < 3) throw error;
      app.log.error({ importId: found.id, err: error }, 'import failed');
    }
    const why =
      error instanceof FileProblem
        ? { code: error.code, details: error.details }
        : { code: 'internal', details: {} };
    await store.move(found.id, 'fail', clock.now(), { error: why });
  }

  /** Files of imports that nobody has touched for two weeks hold names and numbers for nothing. */
  async function sweep(): Promise<void> {
    for (const old of await store.untouchedSince(clock.now() - abandonedMs))
      await rm(pathOf(old), { force: true });
  }

  /** Says how the jobs are done. Call before jobs are started. */
  function define(): void {
    app.jobs.define<ImportJobData>(checkJob, check);
    app.jobs.define<ImportJobData>(commitJob, commit);
    app.jobs.define<null>(sweepJob, sweep);
  }

  return { define, check, commit, sweep };
}

function tally(
  before: ImportCounts,
  batch: readonly JudgedRow[],
  good: readonly GoodRow[],
  matched: readonly (Customer | null)[],
  listed: number,
): ImportCounts {
  const reasons = { ...before.reasons };
  let refused = 0;
  let duplicate = 0;
  for (const row of batch) {
    if (row.row) continue;
    if (row.verdict === 'duplicate') duplicate += 1;
    else {
      refused += 1;
      reasons[row.reason] = (reasons[row.reason] ?? 0) + 1;
    }
  }
  const merged = matched.filter(Boolean).length;
  return {
    total: before.total + batch.length,
    new: before.new + good.length - merged,
    merged: before.merged + merged,
    duplicate: before.duplicate + duplicate,
    refused: before.refused + refused,
    dnc: before.dnc + listed,
    reasons,
  };
}

/** The rows that are kept to be looked at: all that were refused, and the first of the others. */
function keep(
  batch: readonly JudgedRow[],
  good: readonly GoodRow[],
  matched: readonly (Customer | null)[],
  before: ImportCounts,
): ImportRow[] {
  const rows: ImportRow[] = batch.flatMap((row) =>
    row.row
      ? []
      : [
          {
            number: row.number,
            verdict: row.verdict,
            reason: `${row.reason}:${row.detail}`,
            customerId: null,
            cells: row.cells,
          },
        ],
  );
  const kept = { new: before.new, merged: before.merged };
  for (const [index, { number, cells }] of good.entries()) {
    const known = matched[index] ?? null;
    const verdict = known ? 'merged' : 'new';
    kept[verdict] += 1;
    if (kept[verdict] <= keptExamples)
      rows.push({ number, verdict, reason: null, customerId: known?.id ?? null, cells });
  }
  return rows;
}

/** Lets requests of this process have their turn between two batches. */
const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
