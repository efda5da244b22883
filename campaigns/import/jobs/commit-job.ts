import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import type { RunningJob } from '../../../core/jobs/jobs.ts';
import {
  createCustomerIndexer,
  createCustomerStore,
  createTimelineStore,
  CustomerChangedMeanwhile,
  lockNumbers,
  type Customer,
  type CustomerChange,
} from '../../../crm/index.ts';
import { createConsentStore, type NewConsent } from '../../compliance/index.ts';
import { createCustomersFilter } from '../../leads/lead-filters.ts';
import { createListStore } from '../../lists/index.ts';
import { createImportRowsStore, type KeptMerge } from '../import-rows-store.ts';
import { createImportStore } from '../import-store.ts';
import type { Import, ImportPace } from '../import.ts';
import { proofOfRow } from '../import-relations-store.ts';
import type { JudgedRow } from '../judging/judge-file.ts';
import { judgedBatches } from '../judging/judged-batches.ts';
import { mergeFields } from '../merge-fields.ts';
import { noCounts } from '../verdict.ts';
import { createRowDecider, GivenIds, type DecidedRow } from './decide-rows.ts';
import { createImportEnd } from './end-import.ts';
import { createFailures } from './failures.ts';
import { batchSizes, type ImportJobData } from './import-job.ts';
import { createImportPlaces, type ImportPlace } from './import-place.ts';
import { countRows, keptRows } from './kept-rows.ts';

const triesOfBatch = 5;

type WrittenPlace = ImportPlace & { readonly originId: number };

/** Writes customers batch by batch, each with the place it came to: what was cut off goes on from there. */
export function createCommitJob(app: App) {
  const { db, clock } = app;
  const store = createImportStore(app);
  const kept = createImportRowsStore(app);
  const customers = createCustomerStore(app, createCustomersFilter(app));
  const index = createCustomerIndexer(app);
  const timeline = createTimelineStore(app);
  const lists = createListStore(app);
  const consents = createConsentStore(app);
  const decide = createRowDecider(app);
  const placeOf = createImportPlaces(app);
  const failed = createFailures(app);
  const end = createImportEnd(app);

  const pathOf = ({ filePath }: Import): string => join(app.config.dataDir, filePath);
  const cameBy = ({ id, listId, fileName }: Import, listName: string) => ({ importId: id, listId, listName, fileName }); // prettier-ignore

  return async function commit(job: RunningJob<ImportJobData>): Promise<void> {
    const { importId } = job.data;
    let found = await store.stillOf(job.id, importId, 'committing');
    if (!found) return;
    const path = pathOf(found);
    const pace = { startedAt: clock.now(), from: found.committed?.total ?? 0 };
    try {
      if (found.rowsDone === 0)
        await kept.clear(importId, (trx) => store.isUntouched(importId, clock.now(), trx));
      const place = await placeOf(found, clock.now());
      const originId = await timeline.originOf(`import:${importId}`, {
        at: clock.now(),
        kind: 'import',
        userId: found.createdBy,
        data: cameBy(found, place.listName),
      });
      for (;;) {
        const behind = await commitFrom(found, { ...place, originId }, pace, job);
        if (job.signal.aborted) return;
        // Where it is null the job before this one has written its batch to the end: what comes behind is this one's.
        const left: Import | null = behind ?? (await store.stillOf(job.id, importId, 'committing'));
        if (!left) return;
        found = left;
        if (behind) break;
      }
      if (!(await end(importId, 'finish', { jobId: job.id }))) return;
      // Everything worth keeping of it is in the database.
      await rm(path, { force: true });
    } catch (error) {
      await failed(found, error, job);
    } finally {
      // What the queue refuses is asked for again by the sweep.
      await index
        .wake()
        .catch((err: unknown) => app.log.warn({ importId, err }, 'customers not indexed yet'));
    }
  };

  /** Writes the rows that are left. Null: the import is no longer where this job left it. */
  async function commitFrom(
    left: Import,
    place: WrittenPlace,
    pace: ImportPace,
    job: RunningJob<ImportJobData>,
  ): Promise<Import | null> {
    const total = Math.max(1, left.checked?.total ?? 1);
    const { options } = left;
    const request = { path: pathOf(left), options, rules: place.rules, batchSize: batchSizes[db.engine], after: left.rowsDone, loads: db.engine === 'mariadb' }; // prettier-ignore
    let current = left;
    for await (const { rows } of judgedBatches(request, job.signal)) {
      const next = await commitBatch(current, place, rows, pace, job.id);
      if (!next) return null;
      current = next;
      await job.progress(((next.committed?.total ?? 0) / total) * 100);
    }
    return current;
  }

  /** Null: the import is no longer this job's to write. */
  async function commitBatch(
    before: Import,
    place: WrittenPlace,
    batch: readonly JudgedRow[],
    pace: ImportPace,
    jobId: string,
  ): Promise<Import | null> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await db.transaction((trx) => writeBatch(before, place, batch, pace, jobId, trx));
      } catch (error) {
        if (attempt >= triesOfBatch || !(error instanceof CustomerChangedMeanwhile)) throw error;
      }
    }
  }

  async function writeBatch(
    before: Import,
    place: WrittenPlace,
    batch: readonly JudgedRow[],
    pace: ImportPace,
    jobId: string,
    trx: Knex.Transaction,
  ): Promise<Import | null> {
    // Somebody else may bring the same person in this moment: whose customer it is, is decided behind this.
    await lockNumbers(batch.flatMap(({ row }) => row?.key.phones.map(({ e164 }) => e164) ?? []), trx); // prettier-ignore
    const now = clock.now();
    const rows = await decide(before, place, batch, new GivenIds(), trx);
    const counts = before.committed ?? noCounts;
    const committed = countRows(counts, rows);
    const rowsDone = batch.at(-1)!.number;
    const step = { state: 'committing' as const, before: before.rowsDone, rowsDone, jobId };
    const progress = { checked: before.checked, committed, undone: null, pace };
    if (!(await store.advance(before.id, step, progress, now, trx))) return null;
    const taken = rows.filter((row) => row.taken);
    const ids = await writeCustomers(before, taken, place.originId, now, trx);
    const fresh = taken.filter(({ created }) => created).map((row) => ids.get(row)!);
    const known = taken.filter(({ created }) => !created).map((row) => ids.get(row)!);
    await lists.addMembers(before.listId, known, before.id, trx, fresh);
    await timeline.appendMany(
      taken.flatMap((row) => entriesOf(ids.get(row)!, row, before, place.listName, now)),
      trx,
    );
    const given = taken.flatMap((row) =>
      row.row!.consents.map((kind): NewConsent => ({
        customerId: ids.get(row)!,
        e164: null,
        kind,
        source: 'import',
        proof: proofOfRow(before.fileName, row.number),
        importId: before.id,
        givenAt: pace.startedAt,
        expiresAt: null,
      })),
    );
    if (given.length > 0) await consents.addMany(given, { userId: before.createdBy, at: now }, trx);
    const idOf = (row: DecidedRow) => ids.get(row) ?? row.known?.id ?? null;
    await kept.add(before.id, keptRows(rows, counts, idOf, true), trx);
    return { ...before, rowsDone, committed };
  }

  /** Makes those who are new, merges into those who are known. Returns the customer of each row. */
  async function writeCustomers(
    item: Import,
    rows: readonly DecidedRow[],
    originId: number,
    now: number,
    trx: Knex.Transaction,
  ): Promise<Map<DecidedRow, number>> {
    const ids = new Map<DecidedRow, number>();
    const fresh = rows.filter(({ created }) => created);
    const freshIds = await customers.insertPrepared(fresh.map(({ row }) => row!), now, trx, originId); // prettier-ignore
    for (const [at, row] of fresh.entries()) ids.set(row, freshIds[at]!);
    const changes = new Map<number, { change: CustomerChange; row: number }>();
    for (const row of rows) {
      if (!row.known || !row.row) continue;
      ids.set(row, row.known.id);
      // Two rows may speak of one customer: the second is merged into what the first made of it.
      const earlier = changes.get(row.known.id);
      const latest: Customer = earlier ? { ...row.known, ...earlier.change.fields } : row.known;
      const fields = mergeFields(latest, row.row.fields, item.options);
      changes.set(row.known.id, { change: { before: row.known, fields }, row: earlier?.row ?? row.number });
    }
    const list = [...changes.values()];
    const changed = await customers.updateMany(
      list.map(({ change }) => change),
      now,
      trx,
    );
    const rowOf = new Map(list.map(({ change, row }) => [change.before.id, row]));
    const merges: KeptMerge[] = changed.map(({ before }) => ({
      row: rowOf.get(before.id)!,
      customer: before,
    }));
    await kept.addMerges(item.id, merges, trx);
    return ids;
  }

  /** Who was made has come by the import as its origin tells; the others are told of it. */
  function entriesOf(customerId: number, row: DecidedRow, from: Import, listName: string, at: number) {
    const base = { customerId, at, userId: from.createdBy };
    const came = row.created ? [] : [{ ...base, kind: 'import' as const, data: cameBy(from, listName) }];
    const note = row.row?.note;
    if (!note) return came;
    return [...came, { ...base, kind: 'note' as const, data: { text: note, importId: from.id } }];
  }
}
