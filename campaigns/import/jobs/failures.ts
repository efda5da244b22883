import type { App } from '../../../core/app.ts';
import type { RunningJob } from '../../../core/jobs/jobs.ts';
import { FileProblem, type Import } from '../import.ts';
import { createImportEnd } from './end-import.ts';

/** What a job does with an error: a file's own is final, others are tried again by the queue first. */
export function createFailures(app: App) {
  const end = createImportEnd(app);
  return async function failed(
    found: Import,
    error: unknown,
    job: Pick<RunningJob<unknown>, 'id' | 'attempt'>,
  ): Promise<void> {
    if (!(error instanceof FileProblem)) {
      // Perhaps the database was away: only the last failure is final.
      if (job.attempt < 3) throw error;
      app.log.error({ importId: found.id, err: error }, 'import failed');
    }
    const why =
      error instanceof FileProblem
        ? { code: error.code, details: error.details }
        : { code: 'internal', details: {} };
    await end(found.id, 'fail', { error: why, jobId: job.id });
  };
}
