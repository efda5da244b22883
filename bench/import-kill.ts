/** Kills the process that writes an import, at random, and compares the end: `npm run bench -- import-kill [--rows N] [--kills N] [--engine E]`. */
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { createImportJobs } from '../campaigns/import/jobs/import-jobs.ts';
import { batchSizes } from '../campaigns/import/jobs/import-job.ts';
import { createImportStore } from '../campaigns/import/import-store.ts';
import { checkedImport, jobOf, mixedList, runProcess, traces } from '../test/campaigns/import/killed.ts';
import { testApp, type TestApp } from '../test/support/app.ts';
import { mariadb } from '../test/support/servers.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '200000' },
      kills: { type: 'string', default: '10' },
      engine: { type: 'string', default: 'mariadb' },
    },
  });
  const [rows, kills] = [Number(values.rows), Number(values.kills)];
  const server = values.engine === 'mariadb' ? await mariadb() : null;
  if (values.engine === 'mariadb' && !server) return console.log('MariaDB is not installed; not measured.');
  const open = async () => testApp(server ? { config: { databaseUrl: await server.createDatabase() } } : {});
  const content = mixedList(rows);

  const calm = await open();
  const undisturbed = await checkedImport(calm, content);
  await createImportJobs(calm).commit(jobOf(undisturbed));
  const expected = await traces(calm, undisturbed);
  await calm.close();
  console.log(`${rows.toLocaleString('en')} rows undisturbed: ${JSON.stringify(expected.tables)}`);

  const app: TestApp = await open();
  const id = await checkedImport(app, content);
  const all = Math.ceil(rows / batchSizes[app.db.engine]);
  let killed = 0;
  while (killed < kills) {
    const after = 1 + Math.floor(Math.random() * Math.max(1, (all / kills) * 1.5));
    if ((await runProcess(app, id, after)) !== 'batch') break;
    killed += 1;
    const { rowsDone } = (await createImportStore(app).get(id))!;
    console.log(`kill ${killed}: at row ${rowsDone.toLocaleString('en')}`);
  }
  const end =
    (await createImportStore(app).get(id))!.state === 'done' ? 'done' : await runProcess(app, id, null);
  const found = await traces(app, id);
  const same = isDeepStrictEqual(found, expected);
  console.log(`${killed} kills; the import is ${end}; the end is ${same ? 'the same' : 'NOT THE SAME'}`);
  if (!same) {
    console.log(JSON.stringify({ expected, found }, null, 1).slice(0, 4_000));
    process.exitCode = 1;
  }
  await app.close();
  await server?.stop();
}
