/** One import in a process of its own, of which `memory.ts` asks how much memory it took. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createImportStore } from '../../campaigns/import/import-store.ts';
import type { FileFormat } from '../../campaigns/import/import.ts';
import { createImportJobs } from '../../campaigns/import/jobs/import-jobs.ts';
import { createCustomerIndexer } from '../../crm/index.ts';
import { testApp } from '../../test/support/app.ts';
import { prepareImport, runningJob } from './list-file.ts';

export interface Taken {
  readonly what: string;
  readonly seconds: number;
  /** Most memory of the process, and the writer's own heap at the end of the file once all that is not used is gone; MB. */
  readonly most: number;
  readonly heap: number;
}

const [databaseUrl, format, path, bytes] = process.argv.slice(2);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const app = await testApp({ config: { databaseUrl: databaseUrl! } });
const store = createImportStore(app);
const jobs = createImportJobs(app);
const id = await prepareImport(app, path!, Number(bytes), format as FileFormat);
const taken: Taken[] = [];
await store.move(id, 'check', 0);
await measured('check', (job) => jobs.check(job));
await store.move(id, 'commit', 0, { rowsDone: 0 });
await measured('write', (job) => jobs.commit(job));
await measured('search index', (job) => createCustomerIndexer(app).run(job));
process.stdout.write(JSON.stringify(taken));
await app.close();
process.exit();

async function measured(what: string, work: (job: ReturnType<typeof runningJob>) => Promise<void>) {
  // Linux keeps the highest mark of a process and begins anew when told so.
  writeFileSync('/proc/self/clear_refs', '5');
  let heap = 0;
  const look = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    heap = (heapUsed + external) / 1e6;
  };
  const begun = performance.now();
  await work(
    runningJob(id, (percent) => {
      if (percent >= 99.5) look();
    }),
  );
  const seconds = (performance.now() - begun) / 1_000;
  const most = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1_000;
  if (heap === 0) look();
  taken.push({ what, seconds, most, heap });
}
