import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { after, before, beforeEach, describe, it, type Context } from 'mocha';
import { createImportRowsStore } from '../../../campaigns/import/import-rows-store.ts';
import { createImportStore, type ImportStore } from '../../../campaigns/import/import-store.ts';
import { batchSizes, checkJob, commitJob, undoJob } from '../../../campaigns/import/jobs/import-job.ts';
import { createImportJobs } from '../../../campaigns/import/jobs/import-jobs.ts';
import { createLostImports } from '../../../campaigns/import/jobs/lost-imports.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';
import { mariadb, redis } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';
import { usNumber } from './files.ts';
import { importRig } from './import-rig.ts';

const worker = fileURLToPath(new URL('import-worker.ts', import.meta.url));
const graceMs = 61_000;

async function databaseOf(engine: string, context: Context): Promise<{ databaseUrl?: string }> {
  if (engine === 'SQLite') return {};
  const server = await mariadb();
  if (!server) skip(context, 'MariaDB is not installed');
  return { databaseUrl: await server.createDatabase() };
}

async function queueOf(port: string, place: number, context: Context): Promise<string | null> {
  if (port === 'rows') return null;
  const server = await redis();
  if (!server) skip(context, 'Redis is not installed');
  return server.url.replace(/\/0$/, `/${place}`);
}

const sides = ['SQLite', 'MariaDB'].flatMap((engine) => ['rows', 'Bull'].map((port) => ({ engine, port })));
for (const [at, { engine, port }] of sides.entries())
  describe(`an import that loses its job (${engine}, jobs as ${port})`, function () {
    this.timeout(90_000);
    let app: TestApp;
    let store: ImportStore;
    let redisUrl: string | null;
    let all: number;
    /** Of these jobs each that begins breaks off; none of them has another try. */
    const broken = new Set<string>();
    let begun = 0;

    before(async function () {
      redisUrl = await queueOf(port, 10 + at, this);
      app = await testApp({ config: { ...(await databaseOf(engine, this)), redisUrl } });
      store = createImportStore(app);
      all = batchSizes[app.db.engine] + 300;
      const jobs = createImportJobs(app);
      for (const [name, run] of Object.entries({
        [checkJob]: jobs.check,
        [commitJob]: jobs.commit,
        [undoJob]: jobs.undo,
      }))
        // prettier-ignore
        app.jobs.define<{ importId: number }>(name, async (job) => {
          begun += 1;
          if (broken.has(name)) throw new Error('broken off');
          await run(job);
        });
      await app.jobs.start();
    });
    beforeEach(async () => {
      await app.db.knex('imports').delete();
      broken.clear();
      begun = 0;
    });
    after(() => app?.close());
    const rig = importRig(() => app);

    /** The queue loses all it has. */
    async function emptied(): Promise<void> {
      await app.db.knex('jobs').delete();
      if (redisUrl === null) return;
      const client = new Redis(redisUrl);
      await client.flushdb();
      client.disconnect();
    }
    const lines = () => Array.from({ length: all }, (_, row) => `P${row},${usNumber(row)},,`);
    const sweep = () => createLostImports(app).sweep();
    const stateOf = async (id: number) => (await store.get(id))!.state;
    const is = (id: number, state: string) => eventually(async () => assert.equal(await stateOf(id), state), 30_000); // prettier-ignore
    async function takenWhole(id: number): Promise<void> {
      const { committed } = (await store.get(id))!;
      assert.deepEqual([committed!.total, committed!.taken], [all, all]);
      assert.deepEqual([await rig.countOf('customers'), await rig.countOf('list_members')], [all, all]);
      assert.equal((await createListStore(app).get(rig.listId))!.size, all);
      const rows = await createImportRowsStore(app).takenRows(id, 0, all + 1);
      assert.equal(new Set(rows.map(({ number }) => number)).size, all);
    }
    /** Its first batch is written, and its job is held up there. */
    async function half(): Promise<number> {
      const id = await rig.foretell(lines());
      const stop = new AbortController();
      await createImportJobs(app).commit({ ...rig.job(id), signal: stop.signal, progress: async () => stop.abort() }); // prettier-ignore
      assert.equal((await store.get(id))!.committed!.total, batchSizes[app.db.engine]);
      return id;
    }
    const ways: Record<
      string,
      { begin(): Promise<number>; end: string; look(id: number): Promise<unknown> }
    > = {
      checking: {
        begin: async () => {
          const id = await rig.foretell(lines());
          await app.db.knex('imports').where({ id }).update({ state: 'checking' });
          return id;
        },
        end: 'checked',
        look: async (id) => assert.equal((await store.get(id))!.checked!.verdicts.new, all),
      },
      committing: { begin: half, end: 'done', look: takenWhole },
      undoing: {
        begin: async () => {
          const id = await rig.load(lines());
          assert.ok(await store.move(id, 'undo', 2));
          return id;
        },
        end: 'undone',
        look: async (id) => {
          assert.deepEqual(
            [(await store.get(id))!.undone!.back, await rig.countOf('list_members')],
            [all, 0],
          );
        },
      },
    };
    const jobNames: Record<string, string> = { checking: checkJob, committing: commitJob, undoing: undoJob };

    for (const [state, { begin, end, look }] of Object.entries(ways)) {
      it(`fault: the process that began it is killed between the row and the job – what was ${state} goes on`, async () => {
        const id = await begin();
        assert.deepEqual([await stateOf(id), (await store.get(id))!.jobId], [state, null]);
        await app.db.knex('imports').where({ id }).update({ updated_at: app.clock.now() });
        await sweep();
        assert.equal(begun, 0, 'its job may just be on its way');
        app.clock.advance(graceMs);
        await Promise.all([sweep(), sweep()]);
        await is(id, end);
        assert.equal(begun, 1, 'two that look at once begin it once');
        await look(id);
      });

      it(`fault: its job is given up for good – what was ${state} goes on`, async () => {
        const id = await begin();
        const name = jobNames[state]!;
        broken.add(name);
        const jobId = await app.jobs.add(name, { importId: id }, { attempts: 1 });
        await store.setJob(id, jobId);
        await eventually(async () => assert.equal((await app.jobs.get(jobId))?.state, 'failed'));
        broken.clear();
        app.clock.advance(graceMs);
        await sweep();
        await is(id, end);
        await look(id);
      });

      it(`fault: it breaks off again and again – what was ${state} ends as failed, says so in words, and can be begun once more`, async () => {
        const id = await begin();
        const name = jobNames[state]!;
        broken.add(name);
        const before = (await store.get(id))!;
        for (const round of [1, 2, 3]) {
          app.clock.advance(graceMs);
          await sweep();
          if (round === 3) break;
          await eventually(() => assert.equal(begun, round));
          // Its process dies each time: the queue is left with a job that has failed.
          await giveUp(id);
        }
        const item = (await store.get(id))!;
        const code = { checking: 'cut-off-unwritten', committing: 'cut-off-writing', undoing: 'cut-off-undoing' }[state]; // prettier-ignore
        assert.deepEqual([item.state, item.error], ['failed', { code, details: { row: before.rowsDone } }]);
        assert.equal(begun, 2);
        broken.clear();
        const again = { checking: 'check', committing: 'commit', undoing: 'undo' } as const;
        assert.ok(await store.move(id, again[state as keyof typeof again], 3, { error: null, jobId: null }));
        app.clock.advance(graceMs);
        await sweep();
        await is(id, end);
        await look(id);
      });
    }

    /** As a queue leaves a job whose last try has failed. */
    async function giveUp(id: number): Promise<void> {
      await eventually(async () => assert.ok((await store.get(id))!.jobId));
      await app.jobs.cancel((await store.get(id))!.jobId!);
      await eventually(async () => {
        const state = (await app.jobs.get((await store.get(id))!.jobId!))?.state;
        assert.ok(state !== 'waiting' && state !== 'running');
      });
    }

    it('fault: a worker is killed in the middle of writing, and the queue loses all – another goes on, and no row is there twice', async () => {
      const id = await rig.foretell(lines());
      broken.add(commitJob);
      const { dataDir, databaseUrl } = app.config;
      const child = spawn(process.execPath, ['--import=tsx', worker, dataDir, databaseUrl ?? '', redisUrl ?? ''], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
      try {
        const batch = new Promise((resolve) =>
          createInterface({ input: child.stdout }).once('line', resolve),
        );
        const ended = new Promise((resolve) => child.once('exit', resolve));
        // This process leaves the job to the other one: what it takes itself breaks off and waits.
        await eventually(async () => {
          await store.setJob(id, await app.jobs.add(commitJob, { importId: id }));
          await Promise.race([batch, new Promise((_, refuse) => setTimeout(refuse, 1_500))]);
        }, 40_000);
        child.kill('SIGKILL');
        await ended;
      } finally {
        child.kill('SIGKILL');
      }
      await emptied();
      broken.clear();
      assert.equal(await stateOf(id), 'committing');
      // The other process went by the real time.
      await app.db.knex('imports').where({ id }).update({ updated_at: app.clock.now() });
      app.clock.advance(graceMs);
      await sweep();
      await is(id, 'done');
      await takenWhole(id);
    });

    it('rows that were written are a way it has come on; rows that were only looked at are none', async () => {
      const takenUp = async (begin: () => Promise<number>, name: 'check' | 'commit') => {
        const id = await begin();
        assert.ok(await store.takeUp((await store.get(id))!, app.clock.now()));
        const stop = new AbortController();
        await createImportJobs(app)[name]({ ...rig.job(id), signal: stop.signal, progress: async () => stop.abort() }); // prettier-ignore
        return (await store.get(id))!.takenUp;
      };
      assert.equal(await takenUp(ways.checking!.begin, 'check'), 1);
      assert.equal(await takenUp(() => rig.foretell(lines()), 'commit'), 0);
    });

    it('a job that lives is left alone, however long it has been silent', async () => {
      const id = await half();
      const jobId = await app.jobs.add(commitJob, { importId: id }, { delayMs: 3_600_000 });
      await store.setJob(id, jobId);
      app.clock.advance(10 * graceMs);
      await sweep();
      assert.deepEqual([(await store.get(id))!.jobId, await stateOf(id), begun], [jobId, 'committing', 0]);
      await app.jobs.cancel(jobId);
    });
  });
