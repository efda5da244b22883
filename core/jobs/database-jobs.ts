import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from '../clock/clock.ts';
import type { Database } from '../database/database.ts';
import type { Logger } from '../log/log.ts';
import { JobStore, type JobRow } from './job-store.ts';
import type { AddJobOptions, JobHandler, Jobs, JobView } from './jobs.ts';
import { pauseAfter, percent, standardAttempts } from './rules.ts';
import { RunningJobs, type StopReason } from './running-jobs.ts';

const pollMs = 1_000;
const standardLockMs = 30_000;
/** A cancelled job in another process learns of it this soon. */
const holdMs = 2_000;
const keepEndedMs = 7 * 86_400_000;
const sweepMs = 3_600_000;
const graceMs = 10_000;
/** The dedupe key under which the one repeating row of a name lives. */
const repeatKey = '(repeat)';

export interface DatabaseJobsOptions {
  db: Database;
  clock: Clock;
  log: Logger;
  /** How long a job of a process that died stays locked (30,000). */
  lockMs?: number;
}

interface Definition {
  handler: JobHandler<never>;
  concurrency: number;
}

/**
 * Jobs as rows of the table `jobs`, done by whichever process of this database takes them first. A running job is
 * locked for 30 s, and its process prolongs that every 2 s; when the lock runs out the job is taken up by another.
 */
export class DatabaseJobs implements Jobs {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #lockMs: number;
  readonly #store: JobStore;
  readonly #owner = `${hostname().slice(0, 30)}:${process.pid}:${randomBytes(4).toString('hex')}`;
  readonly #definitions = new Map<string, Definition>();
  readonly #running = new RunningJobs();
  #timers: (() => void)[] = [];
  #started = false;
  #closing: Promise<void> | undefined;
  #taking: Promise<void> | undefined;
  #takeAgain = false;
  #failing = false;

  constructor({ db, clock, log, lockMs = standardLockMs }: DatabaseJobsOptions) {
    this.#lockMs = lockMs;
    this.#db = db;
    this.#clock = clock;
    this.#log = log;
    this.#store = new JobStore(db);
  }

  define<T>(name: string, handler: JobHandler<T>, { concurrency = 1 }: { concurrency?: number } = {}): void {
    if (this.#started) throw new Error(`job ${name} must be defined before jobs are started`);
    if (this.#definitions.has(name)) throw new Error(`job ${name} is defined twice`);
    this.#definitions.set(name, { handler: handler as JobHandler<never>, concurrency });
  }

  async add<T>(name: string, data: T, options: AddJobOptions = {}): Promise<string> {
    const now = this.#clock.now();
    const { key = null, delayMs = 0, attempts = standardAttempts } = options;
    const id = await this.#store.add({ name, data, key, runAt: now + delayMs, maxAttempts: attempts }, now);
    this.#take();
    return id;
  }

  async repeat(name: string, everyMs: number): Promise<void> {
    await this.#store.repeat(name, repeatKey, everyMs, this.#clock.now());
  }

  get(id: string): Promise<JobView | null> {
    return this.#store.get(id);
  }

  async cancel(id: string): Promise<boolean> {
    const result = await this.#store.cancel(id, this.#clock.now());
    if (result === 'asked') this.#running.stop(id, 'cancel');
    return result !== 'ended';
  }

  async start(): Promise<void> {
    if (this.#started || this.#closing) return;
    this.#started = true;
    this.#timers = [
      this.#clock.every(pollMs, () => this.#take()),
      this.#clock.every(Math.min(holdMs, this.#lockMs / 3), () => void this.#hold()),
      this.#clock.every(sweepMs, () => void this.#sweep()),
    ];
    this.#take();
  }

  ping(): Promise<void> {
    return this.#db.ping();
  }

  close(drainMs = 5_000): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  async #close(drainMs: number): Promise<void> {
    const [poll, hold, sweep] = this.#timers;
    poll?.();
    sweep?.();
    await this.#taking;
    const left = await this.#running.drain(drainMs, graceMs);
    if (left > 0)
      this.#log.error({ jobs: left }, 'jobs did not stop when asked; another process will repeat them');
    hold?.();
  }

  /** Takes due jobs until none is left or all hands are full. One round at a time; a wish during it is kept. */
  #take(): void {
    if (!this.#started || this.#closing) return;
    if (this.#taking) {
      this.#takeAgain = true;
      return;
    }
    this.#takeAgain = false;
    this.#taking = this.#takeDue()
      .then(() => (this.#failing = false))
      .catch((error: unknown) => {
        if (!this.#failing) this.#log.error({ err: error }, 'jobs cannot be read; trying again every second');
        this.#failing = true;
      })
      .then(() => {
        this.#taking = undefined;
        if (this.#takeAgain) this.#take();
      });
  }

  async #takeDue(): Promise<void> {
    const recovered = await this.#store.recover(this.#clock.now(), this.#running.ids);
    if (recovered > 0) this.#log.warn({ jobs: recovered }, 'jobs of a process that ended are taken up again');
    while (!this.#closing) {
      const names = [...this.#definitions]
        .filter(([name, { concurrency }]) => this.#running.count(name) < concurrency)
        .map(([name]) => name);
      if (names.length === 0) return;
      const now = this.#clock.now();
      const row = await this.#store.claim(names, this.#owner, now, now + this.#lockMs);
      if (!row) return;
      void this.#running.run(row.id, row.name, (stop) => this.#run(row, stop)).then(() => this.#take());
    }
  }

  async #run(row: JobRow, stop: AbortController): Promise<void> {
    let failure: unknown;
    try {
      await this.#definitions.get(row.name)!.handler({
        id: row.id,
        data: JSON.parse(row.data) as never,
        attempt: row.attempts,
        signal: stop.signal,
        progress: (value) => this.#store.progress(row.id, this.#owner, percent(value)),
      });
    } catch (error) {
      failure = error ?? new Error('the handler failed without saying why');
    }
    try {
      const kept = await this.#settle(row, stop.signal, failure);
      if (!kept)
        this.#log.warn({ job: row.name, id: row.id }, 'job was taken over by another process meanwhile');
    } catch (error) {
      this.#log.error(
        { job: row.name, id: row.id, err: error },
        'end of job not recorded; it will run again',
      );
    }
  }

  async #settle(row: JobRow, signal: AbortSignal, failure: unknown): Promise<boolean> {
    const now = this.#clock.now();
    const why = signal.aborted ? (signal.reason as StopReason) : null;
    const error = failure === undefined ? null : messageOf(failure);
    if (why === 'lost') return false;
    if (why === 'shutdown')
      // Whether it came to its end cannot be told from here; a handler is safe to repeat.
      return this.#store.requeue(row.id, this.#owner, {
        runAt: now,
        attempts: row.attempts - 1,
        error: null,
      });
    if (error !== null && why === null)
      this.#log.error({ job: row.name, id: row.id, err: failure }, 'job failed');
    if (row.repeat_ms !== null) return this.#nextRound(row, now, error);
    if (why === 'cancel')
      return this.#store.finish(row.id, this.#owner, { state: 'cancelled', error: null, now });
    if (error === null) return this.#store.finish(row.id, this.#owner, { state: 'done', error, now });
    if (row.attempts >= row.max_attempts)
      return this.#store.finish(row.id, this.#owner, { state: 'failed', error, now });
    const runAt = now + pauseAfter(row.attempts);
    return this.#store.requeue(row.id, this.#owner, { runAt, attempts: row.attempts, error });
  }

  async #nextRound(row: JobRow, now: number, error: string | null): Promise<boolean> {
    const everyMs = (await this.#store.interval(row.id)) ?? row.repeat_ms!;
    const runAt = Math.max(now, row.run_at + everyMs);
    return this.#store.requeue(row.id, this.#owner, { runAt, attempts: 0, error });
  }

  /** Prolongs the locks of what runs here, and learns of jobs that other processes cancelled. */
  async #hold(): Promise<void> {
    for (const id of this.#running.ids) {
      try {
        const { held, cancel } = await this.#store.hold(id, this.#owner, this.#clock.now() + this.#lockMs);
        if (!held) this.#running.stop(id, 'lost');
        else if (cancel) this.#running.stop(id, 'cancel');
      } catch (error) {
        this.#log.warn({ id, err: error }, 'lock of a running job not prolonged');
      }
    }
  }

  async #sweep(): Promise<void> {
    try {
      await this.#store.removeEndedBefore(this.#clock.now() - keepEndedMs);
    } catch (error) {
      this.#log.warn({ err: error }, 'ended jobs not removed');
    }
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 2_000);
}
