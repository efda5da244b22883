// A process of its own for tests: takes the job `work` from the queue at argv[2], says so, and never ends it.
import { systemClock } from '../../../core/clock/clock.ts';
import { openDatabase } from '../../../core/database/open-database.ts';
import { BullJobs } from '../../../core/jobs/bull-jobs.ts';
import { DatabaseJobs } from '../../../core/jobs/database-jobs.ts';
import { createLog } from '../../../core/log/log.ts';

const [url, lock] = process.argv.slice(2) as [string, string];
const log = createLog('silent');
const lockMs = Number(lock);
const jobs = url.startsWith('redis:')
  ? new BullJobs({ url, log, lockMs })
  : new DatabaseJobs({
      db: openDatabase({ url, dataDir: '/nowhere', log }),
      clock: systemClock,
      log,
      lockMs,
    });
jobs.define('work', async (job) => {
  process.send?.(job.id);
  await new Promise(() => {});
});
await jobs.start();
