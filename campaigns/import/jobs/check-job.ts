import { join } from 'node:path';
import type { App } from '../../../core/app.ts';
import type { RunningJob } from '../../../core/jobs/jobs.ts';
import { createImportRowsStore } from '../import-rows-store.ts';
import { createImportStore } from '../import-store.ts';
import { FileProblem } from '../import.ts';
import { judgedBatches } from '../judging/judged-batches.ts';
import { noCounts } from '../verdict.ts';
import { createRowDecider, type GivenIds } from './decide-rows.ts';
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
    const found = await store.get(importId);
    if (found?.state !== 'checking') return;
    const begun = clock.now();
    await store.restart(importId, begun);
    await kept.clear(importId);
    const pace = { startedAt: begun, from: 0 };
    let counts = noCounts;
    let rowsDone = 0;
    const given: GivenIds = new Map();
    try {
      const place = await placeOf(found, begun);
      const request = {
        path: join(app.config.dataDir, found.filePath),
        options: found.options,
        rules: place.rules,
        batchSize: batchSizes[db.engine],
        after: 0,
      };
      for await (const { rows: batch, share } of judgedBatches(request, job.signal)) {
        const rows = await decide(found, place, batch, given);
        const next = countRows(counts, rows);
        const before = rowsDone;
        rowsDone = batch.at(-1)!.number;
        const step = { state: 'checking' as const, before, rowsDone };
        const mine = await db.transaction(async (trx) => {
          const progress = { checked: next, committed: null, undone: null, pace };
          if (!(await store.advance(importId, step, progress, clock.now(), trx))) return false;
          await kept.add(
            importId,
            keptRows(rows, counts, ({ known }) => known?.id ?? null, false),
            trx,
          );
          return true;
        });
        if (!mine) return;
        counts = next;
        await job.progress(share * 100);
      }
      if (job.signal.aborted) return;
      if (counts.total === 0) throw new FileProblem('no-rows');
      await store.move(importId, 'checked', clock.now());
    } catch (error) {
      await failed(found, error, job);
    }
  };
}
