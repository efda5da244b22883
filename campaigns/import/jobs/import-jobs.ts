import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../../core/app.ts';
import { createCustomerIndexer, indexJob } from '../../../crm/index.ts';
import { createImportStore } from '../import-store.ts';
import { createCheckJob } from './check-job.ts';
import { createCommitJob } from './commit-job.ts';
import { checkJob, commitJob, sweepJob, undoJob, type ImportJobData } from './import-job.ts';
import { createUndoJob } from './undo-job.ts';

const abandonedMs = 14 * 86_400_000;

/** All jobs of imports. */
export function createImportJobs(app: App) {
  const store = createImportStore(app);
  const index = createCustomerIndexer(app);
  const check = createCheckJob(app);
  const { commit, settle } = createCommitJob(app);
  const undo = createUndoJob(app);

  /** Files of imports that nobody has touched for two weeks hold names and numbers for nothing. */
  async function sweep(): Promise<void> {
    for (const old of await store.untouchedSince(app.clock.now() - abandonedMs))
      await rm(join(app.config.dataDir, old.filePath), { force: true });
    // Should a process have died before it could.
    await index.wake();
  }

  /** Says how the jobs are done. Call before jobs are started. */
  function define(): void {
    app.jobs.define<ImportJobData>(checkJob, check);
    app.jobs.define<ImportJobData>(commitJob, commit);
    app.jobs.define<ImportJobData>(undoJob, undo);
    app.jobs.define<null>(sweepJob, sweep);
    app.jobs.define<null>(indexJob, index.run);
  }

  return { define, check, commit, settle, undo, sweep };
}
