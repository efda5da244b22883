/** A process that does the jobs of imports, tells of the first batch and waits to be killed: see `import-lost`. */
import { createImportJobs } from '../../../campaigns/import/jobs/import-jobs.ts';
import { commitJob, type ImportJobData } from '../../../campaigns/import/jobs/import-job.ts';
import { createApp } from '../../../core/create-app.ts';
import { createLog } from '../../../core/log/log.ts';
import { testConfig } from '../../support/app.ts';

const [dataDir = '', databaseUrl = '', redisUrl = ''] = process.argv.slice(2);
const config = testConfig(dataDir, { databaseUrl, redisUrl: redisUrl || null });
const app = await createApp(config, { log: createLog('silent') });
const { commit } = createImportJobs(app);
app.jobs.define<ImportJobData>(commitJob, (job) =>
  commit({
    ...job,
    progress: async (percent) => {
      await job.progress(percent);
      process.stdout.write('batch\n');
      if (percent > 0) await new Promise(() => {});
    },
  }),
);
await app.jobs.start();
