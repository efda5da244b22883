/**
 * How long a list takes to load into MariaDB, beside a bare LOAD DATA of the same file on the same machine:
 * `npm run bench -- import [--rows N]`. How much memory it takes by its length: `--memory 100000,300000,1000000`.
 */
import { createReadStream, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createImportStore } from '../../campaigns/import/import-store.ts';
import type { Import } from '../../campaigns/import/import.ts';
import { createImportJobs } from '../../campaigns/import/jobs/import-jobs.ts';
import type { App } from '../../core/app.ts';
import { createCustomerIndexer } from '../../crm/index.ts';
import { testApp } from '../../test/support/app.ts';
import { mariadb } from '../../test/support/servers.ts';
import { headers, prepareImport, runningJob, writeList } from './list-file.ts';
import { memory } from './memory.ts';

const limit = 4;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '1000000' },
      memory: { type: 'string' },
      format: { type: 'string', default: 'csv,xlsx' },
    },
  });
  if (values.memory) return memory(values.memory.split(',').map(Number), values.format.split(','));
  const rows = Number(values.rows);
  const server = await mariadb();
  if (!server) return console.log('MariaDB is not installed; not measured.');
  const app = await testApp({ config: { databaseUrl: await server.createDatabase() } });
  // What a server of this size would be given; the tests' own is kept small.
  await app.db.knex.raw('set global innodb_buffer_pool_size = 2147483648');
  const file = await writeList(app.config.dataDir, rows);
  console.log(`${rows.toLocaleString('en')} rows, ${(file.bytes / 1e6).toFixed(0)} MB`);

  const plain = await bare(app, file.path, '');
  report('bare LOAD DATA, no index', plain, rows);
  const keyed = await bare(app, file.path, ', key (phone), unique key (customer_id)');
  report('bare LOAD DATA, number and id indexed', keyed, rows);
  const store = createImportStore(app);
  const jobs = createImportJobs(app);
  const id = await prepareImport(app, file.path, file.bytes, 'csv');
  await store.move(id, 'check', 0);
  report('check: a verdict for every row', await timed(() => jobs.check(runningJob(id))), rows);
  await store.move(id, 'commit', 0, { rowsDone: 0 });
  const written = await timed(() => jobs.commit(runningJob(id)));
  report('write: customers, list, verdicts', written, rows);
  const indexed = await timed(() => createCustomerIndexer(app).run(runningJob(id)));
  report('afterwards, in the background: search index', indexed, rows);
  await verify(app, (await store.get(id))!, rows);
  const ratio = written.seconds / keyed.seconds;
  console.log(
    `\nwriting takes ${ratio.toFixed(1)} times the bare indexed load (${(written.seconds / plain.seconds).toFixed(1)} times the one without any index)`,
  );
  console.log(`in processor time ${(written.cpu / keyed.cpu).toFixed(1)} times`);
  console.log(`${ratio <= limit ? 'Within' : 'ABOVE'} the limit of ${limit} times the bare load`);
  await app.close();
  await server.stop();
}

interface Timing {
  readonly seconds: number;
  /** Processor time of this process and of the server: what counts where others use the machine as well. */
  readonly cpu: number;
  /** Longest time that this process did nothing else, ms. */
  readonly stall: number;
  readonly p99: number;
  /** Most memory of this process, MB. */
  readonly memory: number;
}

async function timed(work: () => Promise<void>): Promise<Timing> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let memory = 0;
  const look = () => (memory = Math.max(memory, process.memoryUsage.rss() / 1e6));
  const looking = setInterval(look, 100);
  const cpuBefore = processorSeconds();
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1_000;
  const cpu = processorSeconds() - cpuBefore;
  clearInterval(looking);
  look();
  delay.disable();
  return { seconds, cpu, stall: delay.max / 1e6, p99: delay.percentile(99) / 1e6, memory };
}

/** The file as it is, into one table of its columns. */
async function bare(app: App, path: string, keys: string): Promise<Timing> {
  await app.db.knex.raw('drop table if exists bench_bare');
  const fields = headers.map((name) => `${name} varchar(191)`).join(', ');
  await app.db.knex.raw(
    `create table bench_bare (id int unsigned auto_increment primary key, ${fields}${keys}) engine=innodb`,
  );
  const sql = `load data local infile 'rows' into table bench_bare character set utf8mb4 fields terminated by ',' ignore 1 lines (${headers.join(', ')})`;
  const options = { infileStreamFactory: () => createReadStream(path) };
  return timed(async () => {
    await app.db.knex.raw(sql).options(options);
  });
}

async function verify(app: App, item: Import, rows: number): Promise<void> {
  const count = async (table: string) =>
    Number(((await app.db.knex(table).count({ n: '*' }).first()) as { n: number }).n);
  for (const table of ['customers', 'customer_phones', 'list_members'])
    if ((await count(table)) !== rows) throw new Error(`${table} has ${await count(table)} rows of ${rows}`);
  if (item.state !== 'done' || item.committed?.created !== rows)
    throw new Error(`the import is ${item.state}`);
}

/** Of this process and its children, of which the database server is one. Linux only; 0 elsewhere. */
function processorSeconds(): number {
  try {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim();
    return [process.pid, ...children.split(' ').filter(Boolean)]
      .map((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '))
      .reduce((sum, fields) => sum + (Number(fields[11]) + Number(fields[12])) / 100, 0);
  } catch {
    return 0;
  }
}

function report(what: string, { seconds, cpu, stall, p99, memory }: Timing, rows: number): void {
  console.log(
    what.padEnd(46),
    `${seconds.toFixed(1)} s`.padStart(8),
    `cpu ${cpu.toFixed(1)} s`.padStart(12),
    `${Math.round(rows / seconds).toLocaleString('en')} rows/s`.padStart(16),
    `loop p99 ${p99.toFixed(0)} ms, worst ${stall.toFixed(0)} ms`.padStart(34),
    `${memory.toFixed(0)} MB`.padStart(8),
  );
}
