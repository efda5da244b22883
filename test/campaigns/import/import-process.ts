/** A process that writes an import and tells of each batch: what is killed in `import-killed`. */
import { createImportStore } from '../../../campaigns/import/import-store.ts';
import { createImportJobs } from '../../../campaigns/import/jobs/import-jobs.ts';
import { createApp } from '../../../core/create-app.ts';
import { createLog } from '../../../core/log/log.ts';
import { testConfig } from '../../support/app.ts';

const [dataDir = '', databaseUrl = '', id = ''] = process.argv.slice(2);
const app = await createApp(testConfig(dataDir, { databaseUrl }), { log: createLog('silent') });
const jobs = createImportJobs(app);
const job = {
  id: 'killed',
  data: { importId: Number(id) },
  attempt: 1,
  signal: new AbortController().signal,
  progress: async () => void process.stdout.write('batch\n'),
};
await jobs.commit(job);
const found = await createImportStore(app).get(Number(id));
await app.close(0);
process.stdout.write(`${found?.state}\n`);
