import { rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../../core/app.ts';
import type { RunningJob } from '../../../core/jobs/jobs.ts';
import { fillMissingFacts } from '../missing-facts.ts';
import { createRecordingFolder, FolderAway } from '../recording-folder.ts';
import { peaksPath } from '../sound/peaks.ts';
import { createRetentionStore, newRound, type Doomed } from './retention-store.ts';

export const retentionJob = 'recordings.retention';
const everyMs = 15 * 60_000;
const batch = 20;

type Remove = (file: string) => Promise<void>;
const removeFile: Remove = (file) => unlink(file);

/**
 * Deletes sound that no rule keeps any longer, batch by batch. A row says `deleting` from before its file is touched
 * until it is gone: what a process leaves so, the next run goes on with.
 */
export function createRetention(
  app: Pick<App, 'config' | 'clock' | 'db' | 'audit' | 'log'>,
  remove = removeFile,
) {
  const store = createRetentionStore(app);
  const folder = createRecordingFolder(app);

  async function run({ signal }: Pick<RunningJob<null>, 'signal'>): Promise<void> {
    if (!(await folder.isThere()))
      return app.log.error('the folder of recordings is not there; nothing is deleted');
    // Or the default would be the rule of a recording whose campaign keeps it longer.
    await fillMissingFacts(app, signal);
    const begun = app.clock.now();
    while (!signal.aborted && (await eraseAny(await store.left(batch)))) continue;
    const round = newRound();
    while (!signal.aborted && !round.atEnd) {
      const doomed = await store.take(batch, app.clock.now(), begun, round);
      // Where nothing of a batch can be deleted, as on a disk that is read-only, that will not change meanwhile.
      if (!(await eraseAny(doomed)) && doomed.length > 0) return;
    }
  }

  async function eraseAny(doomed: readonly Doomed[]): Promise<boolean> {
    let erased = false;
    for (const one of doomed) erased = (await erase(one)) || erased;
    return erased;
  }

  async function erase(one: Doomed): Promise<boolean> {
    try {
      if (one.path !== null) {
        const file = join(app.config.dataDir, one.path);
        await rm(peaksPath(file), { force: true });
        await remove(file).catch(gone);
      }
    } catch (error) {
      const why =
        error instanceof FolderAway ? 'ENODEV' : ((error as { code?: string }).code ?? String(error));
      app.log.error({ recording: one.id, error: why }, 'sound that is due could not be deleted; it stays');
      await store.kept(one, why, app.clock.now());
      return false;
    }
    await store.deleted(one, app.clock.now());
    return true;
  }

  /** A file that has gone already is no failure, unless all have gone: their share may have been lost this moment. */
  async function gone(error: unknown): Promise<void> {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    await folder.demandStill();
  }

  return { run };
}

/** Say how it is done before jobs are started, in every worker. */
export async function defineRetention(app: App): Promise<void> {
  const { run } = createRetention(app);
  app.jobs.define<null>(retentionJob, (job) => run(job));
  await app.jobs.repeat(retentionJob, everyMs);
}
