import { join } from 'node:path';
import type { App } from '../../../core/app.ts';
import type { RunningJob } from '../../../core/jobs/jobs.ts';
import { createImportRowsStore } from '../import-rows-store.ts';
import { createImportStore } from '../import-store.ts';
import { FileProblem, type Import } from '../import.ts';
import { judgedBatches } from '../judging/judged-batches.ts';
import { noCounts, type ImportCounts } from '../verdict.ts';
import { createRowDecider, GivenIds } from './decide-rows.ts';
import { createFailures } from './failures.ts';
import { createImportPlaces } from './import-place.ts';
import { countRows, keptRows } from './kept-rows.ts';
import { batchSizes, type ImportJobData } from './import-job.ts';

/** The dry run: every row gets its verdict, and nothing is written to customers. Safe to repeat: it begins anew. */
export function createCheckJob(app: App) {
  const { db, clock } = app;
  const store = createImportStore(app);
  const kept = createImportRowsStore(app);
  const decide = createRowDecider(app);
  const placeOf = createImportPlaces(app);
  const failed = createFailures(app);

  return async function check(job: RunningJob<ImportJobData>): Promise<void> {
    const { importId } = job.data;
    let found = await store.stillOf(job.id, importId, 'checking');
    if (!found) return;
    try {
      let counts: ImportCounts | null = null;
      // Null: the job before this one has written a batch to its end, of columns as they were then.
      while (counts === null) {
        const begun = clock.now();
        if (!(await store.restart(importId, job.id, begun))) return;
        found = (await store.get(importId)) ?? found;
        await kept.clear(importId);
        counts = await checkAll(found, job, begun);
        if (job.signal.aborted) return;
      }
      if (counts.total === 0) throw new FileProblem('no-rows');
      await store.move(importId, 'checked', clock.now());
    } catch (error) {
      await failed(found, error, job);
    }
  };

  /** Null: the import is no longer where this job left it. */
  async function checkAll(
    found: Import,
    job: RunningJob<ImportJobData>,
    begun: number,
  ): Promise<ImportCounts | null> {
    const pace = { startedAt: begun, from: 0 };
    const place = await placeOf(found, begun);
    const request = {
      path: join(app.config.dataDir, found.filePath),
      options: found.options,
      rules: place.rules,
      batchSize: batchSizes[db.engine],
      after: 0,
    };
    const given = new GivenIds();
    let counts = noCounts;
    let rowsDone = 0;
    for await (const { rows: batch, share } of judgedBatches(request, job.signal)) {
      const rows = await decide(found, place, batch, given);
      const next = countRows(counts, rows);
      const before = rowsDone;
      rowsDone = batch.at(-1)!.number;
      const step = { state: 'checking' as const, before, rowsDone, jobId: job.id };
      const mine = await db.transaction(async (trx) => {
        const progress = { checked: next, committed: null, undone: null, pace };
        if (!(await store.advance(found.id, step, progress, clock.now(), trx))) return false;
        await kept.add(
          found.id,
          keptRows(rows, counts, ({ known }) => known?.id ?? null, false),
          trx,
        );
        return true;
      });
      if (!mine) return null;
      counts = next;
      await job.progress(share * 100);
    }
    return counts;
  }
}
