import { scaledClock } from '../../../core/clock/clock.ts';
import type { Database } from '../../../core/database/database.ts';
import { openDatabase } from '../../../core/database/open-database.ts';
import { BullJobs } from '../../../core/jobs/bull-jobs.ts';
import { DatabaseJobs } from '../../../core/jobs/database-jobs.ts';
import { createLog } from '../../../core/log/log.ts';
import { mariadb, redis, temporaryFolder } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';
import { jobsContract, type JobsUnderTest } from './contract.ts';

const log = createLog('silent');

async function inRows(db: Database): Promise<JobsUnderTest> {
  await db.migrate();
  const clock = scaledClock(20);
  return {
    open: async () => new DatabaseJobs({ db, clock, log }),
    tick: 2_000,
    close: () => db.close(),
  };
}

jobsContract('rows in SQLite', async () =>
  inRows(openDatabase({ url: 'sqlite:jobs.sqlite', dataDir: temporaryFolder('jobs'), log })),
);

jobsContract('rows in MariaDB', async (context) => {
  const server = await mariadb();
  if (!server) skip(context, 'MariaDB is not installed');
  return inRows(openDatabase({ url: await server.createDatabase(), dataDir: '/nowhere', log }));
});

jobsContract('Bull on Redis', async (context) => {
  const server = await redis();
  if (!server) skip(context, 'Redis is not installed');
  const url = server.url.replace(/\/0$/, '/3');
  return { open: async () => new BullJobs({ url, log }), tick: 100, close: async () => {} };
});
