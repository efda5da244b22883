import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { Database } from '../database/database.ts';
import { isDuplicate } from '../database/errors.ts';
import type { JobState, JobView } from './jobs.ts';

/** A row of `jobs`. */
export interface JobRow {
  id: string;
  name: string;
  data: string;
  state: JobState;
  run_at: number;
  attempts: number;
  max_attempts: number;
  progress: number;
  error: string | null;
  dedupe_key: string | null;
  repeat_ms: number | null;
  cancel_requested: number;
  locked_by: string | null;
  locked_until: number | null;
}

export interface NewJob {
  name: string;
  data: unknown;
  key: string | null;
  runAt: number;
  maxAttempts: number;
  repeatMs?: number;
}

const unlocked = { locked_by: null, locked_until: null };
const lostItsProcess = 'the process that ran it ended';

/** All SQL for jobs. Each change of state compares the old state and says whether it took place. */
export class JobStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Inserts a job, or finds the unfinished one that has its key. */
  async add(job: NewJob, now: number): Promise<string> {
    const id = randomUUID();
    const row = {
      id,
      name: job.name,
      data: JSON.stringify(job.data ?? null),
      state: 'waiting',
      run_at: job.runAt,
      max_attempts: job.maxAttempts,
      dedupe_key: job.key,
      repeat_ms: job.repeatMs ?? null,
      created_at: now,
    };
    if (job.key === null) {
      await this.#jobs().insert(row);
      return id;
    }
    for (;;) {
      const found = await this.#byKey(job.name, job.key);
      if (found) return found.id;
      try {
        await this.#jobs().insert(row);
        return id;
      } catch (error) {
        if (!isDuplicate(error)) throw error; // Else another process was first; it may even have ended since.
      }
    }
  }

  /** Sets the interval of the repeating job of this name, and brings its next run forward where that is sooner. */
  async repeat(name: string, key: string, everyMs: number, now: number): Promise<void> {
    const due = { name, data: null, key, runAt: now + everyMs, maxAttempts: 1, repeatMs: everyMs };
    const id = await this.add(due, now);
    await this.#jobs({ id }).update({ repeat_ms: everyMs });
    await this.#jobs({ id, state: 'waiting' })
      .where('run_at', '>', now + everyMs)
      .update({ run_at: now + everyMs });
  }

  async interval(id: string): Promise<number | null> {
    const row = (await this.#jobs({ id }).first('repeat_ms')) as { repeat_ms: number | null } | undefined;
    return row?.repeat_ms ?? null;
  }

  async get(id: string): Promise<JobView | null> {
    const columns = ['id', 'name', 'state', 'progress', 'error', 'attempts'];
    const row = (await this.#jobs({ id }).first(columns)) as JobView | undefined;
    return row ? { ...row, error: row.state === 'failed' ? row.error : null } : null;
  }

  /** Takes the job of these names that has been due longest, for `owner` until `lockedUntil`. */
  async claim(names: string[], owner: string, now: number, lockedUntil: number): Promise<JobRow | null> {
    const due = (from: Knex) =>
      from<JobRow>('jobs')
        .where({ state: 'waiting' })
        .where('run_at', '<=', now)
        .whereIn('name', names)
        .orderBy([{ column: 'run_at' }, { column: 'created_at' }])
        .first();
    if (!(await due(this.#db.knex))) return null; // Usual: nothing due, nothing locked.
    return this.#db.transaction(async (trx) => {
      const row = await this.#db.skipLocked(due(trx) as unknown as Knex.QueryBuilder<JobRow>);
      if (!row) return null;
      const taken = {
        state: 'running' as const,
        attempts: row.attempts + 1,
        progress: 0,
        locked_by: owner,
        locked_until: lockedUntil,
        started_at: now,
      };
      const count = await trx('jobs').where({ id: row.id, state: 'waiting' }).update(taken);
      return count === 1 ? { ...row, ...taken } : null;
    });
  }

  /** Prolongs a lock. Says whether it is still held, and whether the job is asked to stop. */
  async hold(id: string, owner: string, lockedUntil: number): Promise<{ held: boolean; cancel: boolean }> {
    const mine = { id, state: 'running', locked_by: owner };
    const held = (await this.#jobs(mine).update({ locked_until: lockedUntil })) === 1;
    const row = held ? await this.#jobs(mine).first('cancel_requested') : undefined;
    return { held: row !== undefined, cancel: Boolean(row?.cancel_requested) };
  }

  async progress(id: string, owner: string, progress: number): Promise<void> {
    await this.#jobs({ id, state: 'running', locked_by: owner }).update({ progress });
  }

  /** Ends a job for good. */
  async finish(
    id: string,
    owner: string,
    end: { state: 'done' | 'failed' | 'cancelled'; error: string | null; now: number },
  ): Promise<boolean> {
    const { state, error, now } = end;
    return this.#release(id, owner, {
      state,
      error,
      finished_at: now,
      dedupe_key: null,
      ...(state === 'done' && { progress: 100 }),
    });
  }

  /** Puts a job back to run later: a next attempt, the next round of a repeating one, or after a shutdown. */
  async requeue(
    id: string,
    owner: string,
    next: { runAt: number; attempts: number; error: string | null },
  ): Promise<boolean> {
    const { runAt, attempts, error } = next;
    return this.#release(id, owner, {
      state: 'waiting',
      run_at: runAt,
      attempts,
      error,
      cancel_requested: 0,
    });
  }

  /** @returns what became of the wish: ended at once, told to the runner, or too late. */
  async cancel(id: string, now: number): Promise<'cancelled' | 'asked' | 'ended'> {
    for (;;) {
      const stopped = await this.#jobs({ id, state: 'waiting' }).update({
        state: 'cancelled',
        finished_at: now,
        dedupe_key: null,
      });
      if (stopped === 1) return 'cancelled';
      if ((await this.#jobs({ id, state: 'running' }).update({ cancel_requested: 1 })) === 1) return 'asked';
      const row = (await this.#jobs({ id }).first('state')) as { state: JobState } | undefined;
      if (row?.state !== 'waiting' && row?.state !== 'running') return 'ended';
    }
  }

  /** Frees jobs whose process has let its lock run out; one without attempts left has failed. */
  async recover(now: number, except: readonly string[]): Promise<number> {
    const dead = () =>
      this.#jobs({ state: 'running' }).where('locked_until', '<', now).whereNotIn('id', except);
    if (!(await dead().first('id'))) return 0;
    const ended = { finished_at: now, dedupe_key: null, ...unlocked };
    const cancelled = await dead()
      .where({ cancel_requested: 1 })
      .whereNull('repeat_ms')
      .update({ state: 'cancelled', ...ended });
    const failed = await dead()
      .whereRaw('attempts >= max_attempts')
      .whereNull('repeat_ms')
      .update({ state: 'failed', error: lostItsProcess, ...ended });
    const freed = await dead().update({ state: 'waiting', run_at: now, error: lostItsProcess, ...unlocked });
    return cancelled + failed + freed;
  }

  async removeEndedBefore(time: number): Promise<number> {
    return this.#jobs()
      .whereIn('state', ['done', 'failed', 'cancelled'])
      .where('finished_at', '<', time)
      .delete();
  }

  async #release(id: string, owner: string, change: object): Promise<boolean> {
    const mine = { id, state: 'running', locked_by: owner };
    return (await this.#jobs(mine).update({ ...unlocked, ...change })) === 1;
  }

  #byKey(name: string, key: string): Promise<{ id: string } | undefined> {
    return this.#jobs({ name, dedupe_key: key }).first('id');
  }

  #jobs(where: object = {}): Knex.QueryBuilder {
    return this.#db.knex('jobs').where(where);
  }
}
