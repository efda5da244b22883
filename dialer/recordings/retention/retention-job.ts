import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../../core/app.ts';
import type { RunningJob } from '../../../core/jobs/jobs.ts';
import { peaksPath } from '../sound/peaks.ts';
import { createRetentionStore, type Doomed } from './retention-store.ts';

export const retentionJob = 'recordings.retention';
const everyMs = 15 * 60_000;
const batch = 20;

type Remove = (file: string) => Promise<void>;
/** A file that has gone already is no failure: what is wanted is that it is not there. */
const removeFile: Remove = (file) => rm(file, { force: true });

/**
 * Deletes sound that no rule keeps any longer, batch by batch. A row says `deleting` from before its file is touched
 * until it is gone: what a process leaves so, the next run goes on with.
 */
export function createRetention(
  app: Pick<App, 'config' | 'clock' | 'db' | 'audit' | 'log'>,
  remove = removeFile,
) {
  const store = createRetentionStore(app);

  async function run({ signal }: Pick<RunningJob<null>, 'signal'>): Promise<void> {
    const begun = app.clock.now();
    await eraseAll(signal, () => store.left(batch));
    await eraseAll(signal, () => store.take(batch, app.clock.now(), begun));
  }

  /** Until there is no more, or nothing of a batch can be deleted: a disk that is read-only will not change meanwhile. */
  async function eraseAll(signal: AbortSignal, next: () => Promise<Doomed[]>): Promise<void> {
    while (!signal.aborted) {
      const doomed = await next();
      let erased = 0;
      for (const one of doomed) if (await erase(one)) erased++;
      if (erased === 0) return;
    }
  }

  async function erase(one: Doomed): Promise<boolean> {
    try {
      if (one.path !== null) {
        const file = join(app.config.dataDir, one.path);
        await remove(peaksPath(file));
        await remove(file);
      }
    } catch (error) {
      const why = (error as { code?: string }).code ?? String(error);
      app.log.error({ recording: one.id, error: why }, 'sound that is due could not be deleted; it stays');
      await store.kept(one, why, app.clock.now());
      return false;
    }
    await store.deleted(one, app.clock.now());
    return true;
  }

  return { run };
}

/** Say how it is done before jobs are started, in every worker. */
export async function defineRetention(app: App): Promise<void> {
  const { run } = createRetention(app);
  app.jobs.define<null>(retentionJob, (job) => run(job));
  await app.jobs.repeat(retentionJob, everyMs);
}
