import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../../core/app.ts';
import { loadScrubJob, type ScrubLoad } from './load-scrub.ts';
import type { ScrubList } from './scrub-list.ts';
import { createScrubStore } from './scrub-store.ts';

/** So often a load whose job was lost is begun again. */
const mostTimes = 2;

/**
 * Official lists that are to be loaded: each has its row, with all that its job needs to know, before there is a job. What
 * the queue refuses, forgets or gives up is queued again by the sweep.
 */
export function createWantedLoads(app: Pick<App, 'db' | 'bus' | 'jobs' | 'log' | 'clock' | 'config'>) {
  const store = createScrubStore(app);

  /** What is wanted is wanted, also while the queue is away. */
  async function queue(listId: number): Promise<void> {
    try {
      const list = await store.get(listId);
      if (list?.state === 'loading') await enqueue(list);
    } catch (error) {
      app.log.warn({ listId, err: error }, 'load of a list not queued; the next sweep queues it');
    }
  }

  async function enqueue(list: ScrubList): Promise<void> {
    // Asked for twice at once, it is one job.
    const key = String(list.id);
    await store.setJob(list.id, await app.jobs.add<ScrubLoad>(loadScrubJob, loadOf(list), { key }));
  }

  async function sweep(): Promise<void> {
    for (const list of await store.loading()) {
      const job = list.jobId === null ? null : await app.jobs.get(list.jobId);
      if (job?.state !== 'waiting' && job?.state !== 'running') await beginAgain(list, job?.error ?? null);
    }
  }

  async function beginAgain(list: ScrubList, error: string | null): Promise<void> {
    if (list.jobId !== null) {
      if (list.takenUp >= mostTimes || (list.filePath === null && list.changesOf === null)) {
        app.log.error({ listId: list.id, job: error }, 'load given up: its job was lost again and again');
        await store.fail(list.id, 'job-ended', app.clock.now());
        if (list.filePath !== null) await rm(join(app.config.dataDir, list.filePath), { force: true });
        return;
      }
      // What the queue cannot take just now is not lost once more.
      await app.jobs.ping();
      if (!(await store.takeUp(list))) return;
      app.log.warn({ listId: list.id, job: error }, 'load begun again: its job was lost');
    }
    await enqueue(list);
  }

  return { queue, sweep };
}

/** What comes from no file comes back from the list that it was. */
function loadOf({ id, filePath, changesOf }: ScrubList): ScrubLoad {
  return filePath === null
    ? { listId: id, filePath, changesOf: null, putBack: changesOf }
    : { listId: id, filePath, changesOf };
}
