import type { App } from '../../../core/app.ts';
import { createImportStore } from '../import-store.ts';
import type { Import, ImportState } from '../import.ts';
import { createImportEnd } from './end-import.ts';
import { checkJob, commitJob, undoJob, type ImportJobData } from './import-job.ts';

/** From the step that begins a job until its id is known, and between two signs of life, it is never so long. */
const graceMs = 60_000;
/** Without having come on in between. */
const mostTimes = 2;

const jobs: Partial<Record<ImportState, string>> = {
  checking: checkJob,
  committing: commitJob,
  undoing: undoJob,
};

/** Words in `campaigns:fileProblems`. */
function cutOff({ state, committed }: Import): string {
  if (state === 'undoing') return 'cut-off-undoing';
  return committed ? 'cut-off-writing' : 'cut-off-unwritten';
}

/**
 * Imports that are at work while no job works on them: a process ended between the two, the queue was emptied, or the job
 * was given up. They are begun again, and go on from where they were; what breaks off at one place again and again has
 * failed.
 */
export function createLostImports(app: App) {
  const store = createImportStore(app);
  const end = createImportEnd(app);

  async function lookAfter(item: Import): Promise<void> {
    const { id, jobId, state, takenUp } = item;
    const name = jobs[state];
    const now = app.clock.now();
    if (!name || now - item.updatedAt < graceMs) return;
    const job = jobId ? await app.jobs.get(jobId) : null;
    if (job?.state === 'waiting' || job?.state === 'running') return;
    if (takenUp >= mostTimes) {
      app.log.error(
        { importId: id, state, job: job?.error },
        'import given up: its job was lost again and again',
      );
      const error = { code: cutOff(item), details: { row: item.rowsDone } };
      await end(id, 'fail', { error, ...(jobId && { jobId }) });
      return;
    }
    // What the queue cannot take just now has not broken off.
    await app.jobs.ping();
    // Of several who look at once one begins it.
    if (!(await store.takeUp(item, now))) return;
    app.log.warn({ importId: id, state, job: job?.error }, 'import begun again: its job was lost');
    await store.setJob(id, await app.jobs.add<ImportJobData>(name, { importId: id }));
  }

  async function sweep(): Promise<void> {
    for (const item of await store.busySince(app.clock.now() - graceMs)) await lookAfter(item);
  }

  return { lookAfter, sweep };
}
