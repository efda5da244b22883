import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { eventually } from '../../support/eventually.ts';
import type { Jobs, JobState, RunningJob } from '../../../core/jobs/jobs.ts';

export interface JobsUnderTest {
  /** A process of its own on the one queue. */
  open(): Promise<Jobs>;
  /** Milliseconds of the queue's time that pass in about 100 real ones. */
  tick: number;
  close(): Promise<void>;
}

/** What every job queue must do. Names of jobs differ from test to test, as the queue is shared by all. */
export function jobsContract(
  title: string,
  prepare: (context: Mocha.Context) => Promise<JobsUnderTest>,
): void {
  describe(`jobs contract: ${title}`, function () {
    this.timeout(30_000);
    let under: JobsUnderTest;
    let count = 0;
    let name = '';
    const opened: Jobs[] = [];
    const open = async () => {
      const jobs = await under.open();
      opened.push(jobs);
      return jobs;
    };

    before(async function () {
      under = await prepare(this);
    });
    beforeEach(() => void (name = `job-${++count}`));
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((jobs) => jobs.close(0)));
    });
    after(() => under?.close());

    it('does a job that another process queued, with its data, and says so', async () => {
      const [asker, worker] = [await open(), await open()];
      const runs = recorder(worker, name);
      const id = await asker.add(name, { list: 7, text: '李' });
      assert.deepEqual(await asker.get(id), {
        ...{ id, name, state: 'waiting', progress: 0, error: null, attempts: 0 },
      });
      await worker.start();
      const job = await runs.next();
      assert.deepEqual([job.id, job.data, job.attempt], [id, { list: 7, text: '李' }, 1]);
      await state(asker, id, 'done');
      assert.deepEqual(await asker.get(id), {
        ...{ id, name, state: 'done', progress: 100, error: null, attempts: 1 },
      });
    });

    it('knows no job of an unknown id, and answers a ping', async () => {
      const jobs = await open();
      assert.equal(await jobs.get('nonsense'), null);
      assert.equal(await jobs.get(`${name}/nonsense`), null);
      assert.equal(await jobs.cancel('nonsense'), false);
      await jobs.ping();
    });

    it('leaves jobs alone whose names this process does not do', async () => {
      const jobs = await open();
      const runs = recorder(jobs, name);
      await jobs.start();
      const other = await jobs.add(`${name}-other`, 1);
      await jobs.add(name, 2);
      await runs.next();
      assert.equal((await jobs.get(other))?.state, 'waiting');
    });

    it('tries a failing job again with a pause, and tells the last error when it gives up', async () => {
      const jobs = await open();
      const attempts: number[] = [];
      jobs.define(name, async (job) => {
        attempts.push(job.attempt);
        throw new Error(`no ${job.attempt}`);
      });
      await jobs.start();
      const id = await jobs.add(name, null, { attempts: 2 });
      await state(jobs, id, 'failed');
      assert.deepEqual(attempts, [1, 2]);
      const view = await jobs.get(id);
      assert.deepEqual([view?.error, view?.attempts], ['no 2', 2]);
    });

    it('forgets an error when a later attempt succeeds', async () => {
      const jobs = await open();
      jobs.define(name, async (job) => {
        if (job.attempt === 1) throw new Error('once');
      });
      await jobs.start();
      const id = await jobs.add(name, null);
      await state(jobs, id, 'done');
      const view = await jobs.get(id);
      assert.deepEqual([view?.error, view?.attempts], [null, 2]);
    });

    it('has one unfinished job for a name and key, and a new one after it has ended', async () => {
      const [jobs, asker] = [await open(), await open()];
      const hold = gate();
      const runs = recorder(jobs, name, () => hold.opened);
      const ids = await Promise.all(
        Array.from({ length: 12 }, (_, i) => (i % 2 ? jobs : asker).add(name, i, { key: 'list 7' })),
      );
      assert.equal(new Set(ids).size, 1);
      const differing = await asker.add(name, 0, { key: 'list 8' });
      assert.notEqual(differing, ids[0]);
      await jobs.start();
      await runs.next();
      assert.equal(await asker.add(name, 1, { key: 'list 7' }), ids[0]);
      hold.open();
      await state(jobs, ids[0]!, 'done');
      await eventually(async () => assert.notEqual(await asker.add(name, 2, { key: 'list 7' }), ids[0]));
    });

    it('frees the key of a job that has failed for good', async () => {
      const jobs = await open();
      jobs.define(name, async () => {
        throw new Error('no');
      });
      await jobs.start();
      const id = await jobs.add(name, 1, { key: 'k', attempts: 1 });
      await state(jobs, id, 'failed');
      await eventually(async () => assert.notEqual(await jobs.add(name, 1, { key: 'k' }), id));
    });

    it('does a delayed job in its time, after one that is due', async () => {
      const jobs = await open();
      const runs = recorder(jobs, name);
      await jobs.start();
      await jobs.add(name, 'later', { delayMs: 4 * under.tick });
      await jobs.add(name, 'now');
      assert.equal((await runs.next()).data, 'now');
      assert.equal((await runs.next()).data, 'later');
    });

    it('cancels a waiting job, which never runs', async () => {
      const jobs = await open();
      const runs = recorder(jobs, name);
      const id = await jobs.add(name, 'cancelled', { key: 'k' });
      assert.equal(await jobs.cancel(id), true);
      assert.equal((await jobs.get(id))?.state, 'cancelled');
      assert.equal(await jobs.cancel(id), false);
      const next = await jobs.add(name, 'next', { key: 'k' });
      assert.notEqual(next, id);
      await jobs.start();
      assert.equal((await runs.next()).data, 'next');
    });

    it('asks a running job to stop, in this process and in another, and does not try it again', async () => {
      const [asker, worker] = [await open(), await open()];
      const runs = recorder(worker, name, (job) => aborted(job.signal));
      await worker.start();
      for (const side of [worker, asker]) {
        const id = await side.add(name, null);
        await runs.next();
        assert.equal(await side.cancel(id), true);
        await state(side, id, 'cancelled');
        assert.equal(await side.cancel(id), false);
      }
      assert.equal(runs.count, 2);
    });

    it('counts a job as cancelled whose handler throws when it is asked to stop', async () => {
      const jobs = await open();
      const runs = recorder(jobs, name, async (job) => {
        await aborted(job.signal);
        job.signal.throwIfAborted();
      });
      await jobs.start();
      const id = await jobs.add(name, null);
      await runs.next();
      await jobs.cancel(id);
      await state(jobs, id, 'cancelled');
      assert.equal((await jobs.get(id))?.error, null);
    });

    it('shows how far a running job is', async () => {
      const [asker, worker] = [await open(), await open()];
      const hold = gate();
      const runs = recorder(worker, name, async (job) => {
        await job.progress(41.6);
        await hold.opened;
      });
      await worker.start();
      const id = await asker.add(name, null);
      await runs.next();
      await eventually(async () => assert.equal((await asker.get(id))?.progress, 42));
      assert.equal((await asker.get(id))?.state, 'running');
      hold.open();
      await state(asker, id, 'done');
    });

    it('does no more at once in a process than it says, and every job once over two', async () => {
      const workers = [await open(), await open()];
      const most = [0, 0];
      const now = [0, 0];
      let begun = 0;
      const full: (() => void)[] = [];
      const released = workers.map((_, i) => new Promise<void>((resolve) => (full[i] = resolve)));
      const seen: unknown[] = [];
      workers.forEach((worker, i) => {
        worker.define(
          name,
          async (job) => {
            begun++;
            most[i] = Math.max(most[i]!, ++now[i]!);
            // Each stays until its process does all it may at once, or nothing is left to do.
            if (now[i] === 3) full[i]!();
            if (begun === 30) full.forEach((release) => release());
            await released[i];
            await new Promise((resolve) => setTimeout(resolve, 5));
            now[i]!--;
            seen.push(job.data);
          },
          { concurrency: 3 },
        );
      });
      const ids = await Promise.all(Array.from({ length: 30 }, (_, i) => workers[0]!.add(name, i)));
      await Promise.all(workers.map((worker) => worker.start()));
      for (const id of ids) await state(workers[0]!, id, 'done');
      assert.deepEqual(
        seen.sort((a, b) => Number(a) - Number(b)),
        Array.from({ length: 30 }, (_, i) => i),
      );
      assert.equal(Math.max(...most), 3);
    });

    it('repeats a job, once over two processes, and takes a changed interval', async () => {
      const workers = [await open(), await open()];
      const runs = workers.map((worker) => recorder(worker, name));
      const hour = 3_600_000;
      for (const worker of workers) await worker.repeat(name, hour);
      for (const worker of workers) await worker.repeat(name, 2 * under.tick);
      for (const worker of workers) await worker.start();
      const began = performance.now();
      await eventually(async () => assert.ok(runs[0]!.count + runs[1]!.count >= 5));
      const rounds = (performance.now() - began) / 200;
      assert.ok(
        runs[0]!.count + runs[1]!.count <= rounds + 3,
        `${runs[0]!.count + runs[1]!.count} in ${rounds}`,
      );
      await workers[0]!.repeat(name, hour);
      await new Promise((resolve) => setTimeout(resolve, 300)); // One that was due already may still run.
      const settled = runs[0]!.count + runs[1]!.count;
      await new Promise((resolve) => setTimeout(resolve, 600));
      assert.equal(runs[0]!.count + runs[1]!.count, settled);
    });

    it('goes on repeating after a round that failed', async () => {
      const jobs = await open();
      const runs = recorder(jobs, name, async () => {
        throw new Error('round');
      });
      await jobs.repeat(name, 2 * under.tick);
      await jobs.start();
      await runs.next();
      await runs.next();
      await runs.next();
      await jobs.repeat(name, 3_600_000);
    });

    it('waits at close for what runs, and takes nothing new', async () => {
      const jobs = await open();
      const hold = gate();
      const runs = recorder(jobs, name, () => hold.opened);
      await jobs.start();
      const first = await jobs.add(name, 1);
      const second = await jobs.add(name, 2);
      await runs.next();
      const closed = jobs.close(10_000);
      await new Promise((resolve) => setTimeout(resolve, 50));
      hold.open();
      await closed;
      await jobs.close();
      assert.equal(runs.count, 1);
      const other = await open();
      await state(other, first, 'done');
      assert.equal((await other.get(second))?.state, 'waiting');
    });

    it('asks at close what runs too long to stop; another process does it, at no cost of an attempt', async () => {
      const [first, second] = [await open(), await open()];
      const firstRuns = recorder(first, name, (job) => aborted(job.signal));
      const secondRuns = recorder(second, name);
      await first.start();
      const id = await first.add(name, null, { attempts: 1 });
      await firstRuns.next();
      await first.close(30);
      await second.start();
      assert.equal((await secondRuns.next()).id, id);
      await state(second, id, 'done');
    });

    it('takes definitions only before it starts, and each once', async () => {
      const jobs = await open();
      jobs.define(name, async () => {});
      assert.throws(() => jobs.define(name, async () => {}), /twice/);
      await jobs.start();
      assert.throws(() => jobs.define(`${name}-late`, async () => {}), /before/);
    });
  });
}

export function state(jobs: Jobs, id: string, wanted: JobState): Promise<void> {
  return eventually(async () => assert.equal((await jobs.get(id))?.state, wanted));
}

/** Defines a job that remembers its runs; `next` waits for one that was not asked for yet. */
export function recorder(
  jobs: Jobs,
  name: string,
  then: (job: RunningJob<unknown>) => Promise<void> = async () => {},
): { next(): Promise<RunningJob<unknown>>; readonly count: number } {
  const runs: RunningJob<unknown>[] = [];
  const waiting: ((job: RunningJob<unknown>) => void)[] = [];
  let count = 0;
  jobs.define<unknown>(name, async (job) => {
    count++;
    const wanted = waiting.shift();
    if (wanted) wanted(job);
    else runs.push(job);
    await then(job);
  });
  return {
    next: () => {
      const run = runs.shift();
      return run ? Promise.resolve(run) : new Promise((resolve) => waiting.push(resolve));
    },
    get count() {
      return count;
    },
  };
}

function gate(): { open(): void; opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
