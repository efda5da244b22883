import { randomUUID } from 'node:crypto';
import Bull from 'bull';
import type { Redis } from 'ioredis';
import type { Logger } from '../log/log.ts';
import { connectRedis, redisNamespace } from '../redis/connect.ts';
import { BullKeys, keepMs } from './bull-keys.ts';
import { BullRunner, ShutdownError, type Payload } from './bull-runner.ts';
import {
  JobsUnavailable,
  type AddJobOptions,
  type JobHandler,
  type Jobs,
  type JobState,
  type JobView,
} from './jobs.ts';
import { pauseAfter, standardAttempts } from './rules.ts';

export interface BullJobsOptions {
  url: string;
  log: Logger;
  /** How long a job of a process that died stays locked (30,000). */
  lockMs?: number;
  /** How often it is looked whether Redis still knows what repeats (30,000). */
  lookMs?: number;
}

const answerMs = 5_000;
const graceMs = 10_000;
const drainDelaySeconds = 5;
const kept = { age: keepMs / 1_000, count: 5_000 };

const states: Record<string, JobState> = {
  completed: 'done',
  failed: 'failed',
  active: 'running',
  waiting: 'waiting',
  delayed: 'waiting',
  paused: 'waiting',
};

/**
 * Jobs on Redis, one Bull queue for each name. All queues of a process share two connections; each name that is done
 * here has one more that waits for work. An id is `NAME/BULL-ID`.
 */
export class BullJobs implements Jobs {
  readonly #log: Logger;
  readonly #url: string;
  readonly #lockMs: number;
  readonly #client: Redis;
  readonly #subscriber: Redis;
  readonly #waiters: Redis[] = [];
  readonly #keys: BullKeys;
  readonly #runner: BullRunner;
  readonly #queues = new Map<string, Bull.Queue<Payload>>();
  readonly #definitions = new Map<string, { handler: JobHandler<never>; concurrency: number }>();
  readonly #repeats = new Map<string, number>();
  readonly #look: NodeJS.Timeout;
  #restoring = false;
  #started = false;
  #closing: Promise<void> | undefined;

  constructor({ url, log, lockMs = 30_000, lookMs = 30_000 }: BullJobsOptions) {
    this.#url = url;
    this.#log = log;
    this.#lockMs = lockMs;
    this.#client = connectRedis(url, { log, name: 'jobs', maxRetriesPerRequest: null });
    this.#subscriber = connectRedis(url, { log, name: 'jobs-events', ...blocking });
    for (const shared of [this.#client, this.#subscriber]) shared.setMaxListeners(0);
    this.#keys = new BullKeys(this.#client, redisNamespace(url));
    this.#runner = new BullRunner({ keys: this.#keys, log, lockMs });
    // A Redis without persistence comes back empty: what repeats is registered anew.
    let first = true;
    this.#client.on('ready', () => {
      if (!first) void this.#restoreRepeats();
      first = false;
    });
    // Or it is emptied while it runs, and tells nobody.
    this.#look = setInterval(() => void this.#restoreRepeats(), lookMs);
    this.#look.unref();
  }

  define<T>(name: string, handler: JobHandler<T>, { concurrency = 1 }: { concurrency?: number } = {}): void {
    if (this.#started) throw new Error(`job ${name} must be defined before jobs are started`);
    if (this.#definitions.has(name)) throw new Error(`job ${name} is defined twice`);
    this.#definitions.set(name, { handler: handler as JobHandler<never>, concurrency });
  }

  async add<T>(name: string, data: T, options: AddJobOptions = {}): Promise<string> {
    return this.#answered(async () => {
      const { key } = options;
      for (;;) {
        const bullId = randomUUID();
        const id = `${name}/${bullId}`;
        if (key === undefined) {
          await this.#enqueue(name, bullId, { data }, options);
          return id;
        }
        const holder = await this.#keys.reserve(name, key, id);
        if (holder.mine) {
          await this.#enqueue(name, bullId, { data, key }, options);
          await this.#keys.keep(name, key);
          return id;
        }
        const view = await this.#view(holder.id);
        if (view && (view.state === 'waiting' || view.state === 'running')) return holder.id;
        if (view || holder.added) await this.#keys.free(name, key, holder.id);
        else await new Promise((resolve) => setTimeout(resolve, 50)); // Another process is just adding it.
      }
    });
  }

  async repeat(name: string, everyMs: number): Promise<void> {
    this.#repeats.set(name, everyMs);
    await this.#answered(() => this.#registerRepeat(name, everyMs));
  }

  async get(id: string): Promise<JobView | null> {
    return this.#answered(() => this.#view(id));
  }

  async cancel(id: string): Promise<boolean> {
    return this.#answered(async () => {
      for (;;) {
        const job = await this.#find(id);
        if (!job) return false;
        const state = states[await job.getState()];
        if (state === 'done' || state === 'failed') return false;
        if (state === 'running') {
          await this.#keys.askToStop(id);
          this.#runner.stop(id);
          // It may have ended in this moment; then nothing was cancelled.
          const now = states[await job.getState()];
          return now === 'running' || (await this.#keys.stopState(id)) === 'cancelled';
        }
        try {
          await job.remove();
        } catch {
          continue; // It has just begun to run.
        }
        await this.#keys.markCancelled(id);
        if (job.data.key !== undefined) await this.#keys.free(job.queue.name, job.data.key, id);
        return true;
      }
    });
  }

  async start(): Promise<void> {
    if (this.#started || this.#closing) return;
    this.#started = true;
    for (const [name, { handler, concurrency }] of this.#definitions) {
      const queue = this.#queue(name);
      queue
        .process(concurrency, (job) => this.#runner.run(name, job, handler))
        .catch((error: unknown) => {
          if (!this.#closing)
            this.#log.error({ job: name, err: error }, 'jobs of this name are not taken any more');
        });
    }
    this.#runner.start();
  }

  async ping(): Promise<void> {
    await this.#answered(() => this.#client.ping(), 2_000);
  }

  close(drainMs = 5_000): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  async #close(drainMs: number): Promise<void> {
    clearInterval(this.#look);
    const queues = [...this.#queues.values()];
    const working = this.#started ? queues.filter((queue) => this.#definitions.has(queue.name)) : [];
    await timeLimit(answerMs, Promise.allSettled(working.map((queue) => queue.pause(true, true))));
    const left = await this.#runner.drain(drainMs, graceMs);
    if (left > 0)
      this.#log.error({ jobs: left }, 'jobs did not stop when asked; another process will repeat them');
    await timeLimit(answerMs, Promise.allSettled(queues.map((queue) => queue.close(true))));
    for (const redis of [this.#client, this.#subscriber, ...this.#waiters]) redis.disconnect();
  }

  async #enqueue(name: string, bullId: string, payload: Payload, options: AddJobOptions): Promise<void> {
    const { delayMs = 0, attempts = standardAttempts } = options;
    await this.#queue(name).add(payload, {
      jobId: bullId,
      delay: delayMs,
      attempts,
      backoff: { type: 'growing' },
      removeOnComplete: kept,
      removeOnFail: kept,
    });
  }

  /** Bull keeps a repetition for each interval it was ever given: those of another interval are taken away. */
  async #registerRepeat(name: string, everyMs: number): Promise<void> {
    const queue = this.#queue(name);
    for (const known of await queue.getRepeatableJobs())
      if (known.every !== everyMs) await queue.removeRepeatableByKey(known.key);
    const ended = { age: 86_400, count: 20 };
    await queue.add(
      { data: null },
      { repeat: { every: everyMs }, attempts: 1, removeOnComplete: ended, removeOnFail: ended },
    );
  }

  /** Another process may have given it another interval meanwhile: only what is gone is registered. */
  async #restoreRepeats(): Promise<void> {
    // While Redis is away one look waits for it, not one for each that was due.
    if (this.#restoring) return;
    this.#restoring = true;
    for (const [name, everyMs] of this.#repeats)
      try {
        if ((await this.#queue(name).getRepeatableJobs()).length > 0) continue;
        await this.#registerRepeat(name, everyMs);
      } catch (error) {
        this.#log.warn({ job: name, err: error }, 'repeating job not registered anew');
      }
    this.#restoring = false;
  }

  async #view(id: string): Promise<JobView | null> {
    const { name } = split(id);
    const [job, stop] = await Promise.all([this.#find(id), this.#keys.stopState(id)]);
    if (!job)
      return stop === 'cancelled'
        ? { id, name, state: 'cancelled', progress: 0, error: null, attempts: 0 }
        : null;
    const state = states[await job.getState()] ?? 'running';
    const cancelled = stop === 'cancelled' && (state === 'done' || state === 'failed');
    return {
      id,
      name,
      state: cancelled ? 'cancelled' : state,
      progress: state === 'done' ? 100 : Number(job.progress()) || 0,
      error: state === 'failed' && !cancelled ? (job.failedReason ?? null) : null,
      // Bull counts an attempt when it has failed; here it counts when it begins.
      attempts: job.attemptsMade + (state === 'running' || state === 'done' ? 1 : 0),
    };
  }

  #find(id: string): Promise<Bull.Job<Payload> | null> {
    const { name, bullId } = split(id);
    // Ids come from addresses of pages, too: none may make a queue of a name that was never a job's.
    return /^[\w.-]{1,60}$/.test(name) ? this.#queue(name).getJob(bullId) : Promise.resolve(null);
  }

  #queue(name: string): Bull.Queue<Payload> {
    let queue = this.#queues.get(name);
    if (queue) return queue;
    queue = new Bull<Payload>(name, {
      prefix: `${redisNamespace(this.#url)}:bull`,
      createClient: (type) => this.#connection(type, name),
      settings: {
        lockDuration: this.#lockMs,
        lockRenewTime: this.#lockMs / 3,
        stalledInterval: this.#lockMs / 2,
        maxStalledCount: 3,
        drainDelay: drainDelaySeconds,
        retryProcessDelay: 1_000,
        backoffStrategies: {
          growing: (attempts: number, error: Error) =>
            error instanceof ShutdownError ? 0 : pauseAfter(attempts),
        },
      },
    });
    queue.on('error', (error) => this.#log.debug({ job: name, err: error }, 'queue trouble'));
    this.#queues.set(name, queue);
    return queue;
  }

  #connection(type: 'client' | 'subscriber' | 'bclient', name: string): Redis {
    if (type === 'client') return this.#client;
    if (type === 'subscriber') return this.#subscriber;
    // Its heartbeat has to wait until a blocking command ends.
    const heartbeat = { everyMs: 5_000, silenceMs: (drainDelaySeconds + 5) * 1_000 };
    const waiter = connectRedis(this.#url, { log: this.#log, name: `jobs-${name}`, heartbeat, ...blocking });
    this.#waiters.push(waiter);
    return waiter;
  }

  /** Fails when Redis is away, instead of waiting for its return with whoever asked. */
  async #answered<T>(work: () => Promise<T>, ms = answerMs): Promise<T> {
    if (this.#closing) throw new JobsUnavailable('it is closed');
    return timeLimit(ms, work(), () => new JobsUnavailable(`Redis did not answer within ${ms} ms`));
  }
}

/** Connections that Bull blocks on may not check readiness or count retries. */
const blocking = { maxRetriesPerRequest: null, enableReadyCheck: false } as const;

function split(id: string): { name: string; bullId: string } {
  const at = id.indexOf('/');
  return { name: id.slice(0, Math.max(0, at)), bullId: id.slice(at + 1) };
}

async function timeLimit<T>(ms: number, work: Promise<T>, error?: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve, reject) => {
    timer = setTimeout(() => (error ? reject(error()) : resolve(undefined as T)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
