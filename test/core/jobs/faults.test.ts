import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, describe, it } from 'mocha';
import { systemClock } from '../../../core/clock/clock.ts';
import { openDatabase } from '../../../core/database/open-database.ts';
import { BullJobs } from '../../../core/jobs/bull-jobs.ts';
import { DatabaseJobs } from '../../../core/jobs/database-jobs.ts';
import { JobsUnavailable, type Jobs } from '../../../core/jobs/jobs.ts';
import { createLog } from '../../../core/log/log.ts';
import { testApp } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';
import { mariadb, redis, startRedis, temporaryFolder, type TestServer } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';
import { recorder, state } from './contract.ts';

const log = createLog('silent');
const lockMs = 600;
const victimFile = fileURLToPath(new URL('victim.ts', import.meta.url));

interface Side {
  title: string;
  prepare(context: Mocha.Context): Promise<{ url: string; jobs: Jobs; close(): Promise<void> }>;
}

const inRows = async (url: string) => {
  const db = openDatabase({ url, dataDir: '/nowhere', log });
  await db.migrate();
  const jobs = new DatabaseJobs({ db, clock: systemClock, log, lockMs });
  return { url, jobs, close: () => db.close() };
};

const sides: Side[] = [
  {
    title: 'rows in SQLite',
    prepare: () => inRows(`sqlite:${join(temporaryFolder('jobs'), 'j.sqlite')}`),
  },
  {
    title: 'rows in MariaDB',
    async prepare(context) {
      const server = await mariadb();
      if (!server) skip(context, 'MariaDB is not installed');
      return inRows(await server.createDatabase());
    },
  },
  {
    title: 'Bull on Redis',
    async prepare(context) {
      const server = await redis();
      if (!server) skip(context, 'Redis is not installed');
      const url = server.url.replace(/\/0$/, '/5');
      return { url, jobs: new BullJobs({ url, log, lockMs }), close: async () => {} };
    },
  },
];

for (const side of sides)
  describe(`a job whose process dies: ${side.title}`, function () {
    this.timeout(30_000);
    let under: Awaited<ReturnType<Side['prepare']>>;
    const victims: ChildProcess[] = [];

    before(async function () {
      under = await side.prepare(this);
    });
    after(async () => {
      await under?.jobs.close(0);
      await under?.close();
    });
    afterEach(() => victims.splice(0).forEach((child) => child.kill('SIGKILL')));

    it('fault: the process that runs a job is killed; another does the job when its lock has run out', async () => {
      const { jobs, url } = under;
      const runs = recorder(jobs, 'work');
      const id = await jobs.add('work', { list: 7 }, { key: 'k' });
      const victim = fork(victimFile, [url, `${lockMs}`]);
      victims.push(victim);
      const taken = await new Promise((resolve) => victim.once('message', resolve));
      assert.equal(taken, id);
      assert.equal((await jobs.get(id))?.state, 'running');
      await jobs.start();
      await new Promise((resolve) => setTimeout(resolve, 2 * lockMs));
      assert.equal(runs.count, 0, 'a living process keeps its job');
      victim.kill('SIGKILL');
      const run = await runs.next();
      assert.deepEqual([run.id, run.data], [id, { list: 7 }]);
      await state(jobs, id, 'done');
    });
  });

describe('jobs in rows, by the clock', () => {
  it('gives up a job whose last attempt died with its process, and frees its key', async () => {
    const app = await testApp();
    const runs = recorder(app.jobs, 'work');
    const id = await app.jobs.add('work', null, { key: 'k', attempts: 1 });
    const dead = { state: 'running', attempts: 1, locked_by: 'gone', locked_until: app.clock.now() + 30_000 };
    await app.db.knex('jobs').where({ id }).update(dead);
    await app.jobs.start();
    await app.clock.run(29_000, 1_000);
    assert.equal((await app.jobs.get(id))?.state, 'running');
    await app.clock.run(3_000, 1_000);
    await eventually(async () => assert.equal((await app.jobs.get(id))?.state, 'failed'));
    assert.match((await app.jobs.get(id))!.error!, /process/);
    assert.notEqual(await app.jobs.add('work', null, { key: 'k' }), id);
    await runs.next();
    await app.close();
  });

  it('keeps the lock of a job that runs for hours, and forgets ended jobs after a week', async () => {
    const app = await testApp();
    let end = () => {};
    const runs = recorder(app.jobs, 'work', () => new Promise<void>((resolve) => (end = resolve)));
    await app.jobs.start();
    const id = await app.jobs.add('work', null);
    await runs.next();
    await app.clock.run(2 * 3_600_000, 20_000);
    assert.equal(runs.count, 1);
    assert.equal((await app.jobs.get(id))?.state, 'running');
    end();
    await state(app.jobs, id, 'done');
    await app.clock.run(6 * 86_400_000, 3_600_000);
    assert.ok(await app.jobs.get(id));
    await app.clock.run(2 * 86_400_000, 3_600_000);
    await eventually(async () => assert.equal(await app.jobs.get(id), null));
    await app.close();
  });

  it('fault: the database fails for a while; jobs go on when it is back', async () => {
    const app = await testApp();
    const runs = recorder(app.jobs, 'work');
    await app.jobs.start();
    await app.db.knex.schema.renameTable('jobs', 'jobs_away');
    await app.clock.run(5_000, 500);
    await app.db.knex.schema.renameTable('jobs_away', 'jobs');
    await app.jobs.add('work', null);
    await app.clock.run(2_000, 500);
    await runs.next();
    await app.close();
  });
});

describe('faults of Bull on Redis', function () {
  this.timeout(60_000);
  let server: TestServer;
  let jobs: BullJobs;

  before(async function () {
    const started = await startRedis();
    if (!started) skip(this, 'Redis is not installed');
    server = started;
    jobs = new BullJobs({ url: server.url, log, lockMs: 2_000 });
  });
  after(async () => {
    await jobs?.close(0);
    await server?.stop();
  });

  it('fault: Redis stops and comes back; queued jobs and repetitions are still done', async () => {
    const runs = recorder(jobs, 'work');
    const rounds = recorder(jobs, 'round');
    await jobs.repeat('round', 300);
    await jobs.start();
    await jobs.add('work', 1);
    await runs.next();
    const delayed = await jobs.add('work', 2, { delayMs: 1_500 });
    await server.stop();
    const began = performance.now();
    await assert.rejects(jobs.add('work', 3), JobsUnavailable);
    await assert.rejects(jobs.ping(), JobsUnavailable);
    assert.ok(performance.now() - began < 8_000);
    await server.start();
    const run = await runs.next();
    assert.ok([2, 3].includes(run.data as number)); // The third was refused late: Redis may have been told after all.
    await state(jobs, delayed, 'done');
    const before = rounds.count;
    await eventually(() => assert.ok(rounds.count >= before + 2));
  });

  it('fault: Redis loses all it had; what repeats is registered anew', async () => {
    const other = new BullJobs({ url: server.url, log });
    const rounds = recorder(other, 'hourly');
    await other.repeat('hourly', 200);
    await other.start();
    await rounds.next();
    const { Redis } = await import('ioredis');
    const client = new Redis(server.url);
    await client.flushall();
    await client.call('client', 'kill', 'type', 'normal', 'skipme', 'yes');
    client.disconnect();
    const before = rounds.count;
    await eventually(() => assert.ok(rounds.count >= before + 2));
    await other.close(0);
  });

  it('fault: Redis is emptied while it runs, and nobody is told; what repeats is registered anew', async () => {
    const other = new BullJobs({ url: server.url, log, lookMs: 200 });
    const rounds = recorder(other, 'quarterly');
    await other.repeat('quarterly', 200);
    await other.start();
    await rounds.next();
    const { Redis } = await import('ioredis');
    const client = new Redis(server.url);
    await client.flushall();
    client.disconnect();
    const before = rounds.count;
    await eventually(() => assert.ok(rounds.count >= before + 2));
    await other.close(0);
  });
});
