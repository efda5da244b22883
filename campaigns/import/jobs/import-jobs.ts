import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../../core/app.ts';
import { createCustomerIndexer, indexJob } from '../../../crm/index.ts';
import { createScrubStore } from '../../compliance/index.ts';
import { createScrubLoader } from '../../compliance/scrubs/load-scrub.ts';
import { createWantedLoads } from '../../compliance/scrubs/wanted-loads.ts';
import { createImportStore } from '../import-store.ts';
import { fileKeptMs } from '../import.ts';
import { uploadsIn } from '../upload.ts';
import { createCheckJob } from './check-job.ts';
import { createCommitJob } from './commit-job.ts';
import { checkJob, commitJob, lostJob, sweepJob, undoJob, type ImportJobData } from './import-job.ts';
import { createLostImports } from './lost-imports.ts';
import { createUndoJob } from './undo-job.ts';

const receivingMs = 86_400_000;

/** All jobs of imports. */
export function createImportJobs(app: App) {
  const store = createImportStore(app);
  const scrubs = createScrubStore(app);
  const loader = createScrubLoader(app);
  const index = createCustomerIndexer(app);
  const check = createCheckJob(app);
  const commit = createCommitJob(app);
  const undo = createUndoJob(app);
  const lost = createLostImports(app);
  const loads = createWantedLoads(app);

  /**
   * Uploads hold names and numbers of people: those that no open import or list names go, also where a process died
   * before it could remove them. What came within the last day may be on its way to being named.
   */
  async function sweep(): Promise<void> {
    const now = app.clock.now();
    const wanted = new Set([...(await store.openFiles(now - fileKeptMs)), ...(await scrubs.openFiles())]);
    for (const { filePath, changedAt } of await uploadsIn(app.config.dataDir))
      if (!wanted.has(filePath) && changedAt < now - receivingMs)
        await rm(join(app.config.dataDir, filePath), { force: true });
    await loader.sweep();
  }

  /** Goes on with what a process that died, or a queue that was away or emptied, has left. */
  async function goOn(): Promise<void> {
    await lost.sweep();
    await loads.sweep();
    await index.wake();
  }

  /** Says how the jobs are done. Call before jobs are started. */
  function define(): void {
    app.jobs.define<ImportJobData>(checkJob, check);
    app.jobs.define<ImportJobData>(commitJob, commit);
    app.jobs.define<ImportJobData>(undoJob, undo);
    app.jobs.define<null>(sweepJob, sweep);
    app.jobs.define<null>(lostJob, goOn);
    app.jobs.define<null>(indexJob, index.run);
  }

  return { define, check, commit, undo, sweep };
}
