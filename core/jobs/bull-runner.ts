import { randomUUID } from 'node:crypto';
import type Bull from 'bull';
import type { Logger } from '../log/log.ts';
import type { BullKeys } from './bull-keys.ts';
import type { JobHandler } from './jobs.ts';
import { percent } from './rules.ts';
import { RunningJobs, type StopReason } from './running-jobs.ts';

/** What a Bull job carries. */
export interface Payload {
  data: unknown;
  key?: string;
}

/** Puts a job back because its process goes: the next attempt follows at once and costs none. */
export class ShutdownError extends Error {}

const holdMs = 2_000;

/** Does the jobs that Bull hands to this process, and lets each be stopped. */
export class BullRunner {
  readonly #keys: BullKeys;
  readonly #log: Logger;
  readonly #lockMs: number;
  readonly #running = new RunningJobs();
  /** Repeating jobs that run here, by job id: their name and the token of this run. */
  readonly #rounds = new Map<string, { name: string; token: string }>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ keys, log, lockMs }: { keys: BullKeys; log: Logger; lockMs: number }) {
    this.#keys = keys;
    this.#log = log;
    this.#lockMs = lockMs;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#hold(), holdMs);
  }

  stop(id: string): void {
    this.#running.stop(id, 'cancel');
  }

  async drain(drainMs: number, graceMs: number): Promise<number> {
    const left = await this.#running.drain(drainMs, graceMs);
    clearInterval(this.#timer);
    return left;
  }

  /** Runs one job to its end; what it throws is Bull's to judge. */
  async run(name: string, job: Bull.Job<Payload>, handler: JobHandler<never>): Promise<void> {
    const id = `${name}/${job.id}`;
    const repeats = Boolean((job.opts as Bull.JobOptions).repeat);
    if (repeats && !(await this.#beginRound(id, name))) return;
    let failure: Error | undefined;
    await this.#running.run(id, name, async (stop) => {
      failure = await this.#attempt(id, job, handler, stop).catch((error: unknown) => asError(error));
      if (repeats) await this.#endRound(id);
    });
    if (failure) throw failure;
  }

  async #attempt(
    id: string,
    job: Bull.Job<Payload>,
    handler: JobHandler<never>,
    stop: AbortController,
  ): Promise<Error | undefined> {
    if ((await this.#keys.stopState(id)) === 'asked') stop.abort('cancel' satisfies StopReason);
    let failure: Error | undefined;
    try {
      if (!stop.signal.aborted)
        await handler({
          id,
          data: job.data.data as never,
          attempt: job.attemptsMade + 1,
          signal: stop.signal,
          progress: (value) => Promise.resolve(job.progress(percent(value))),
        });
    } catch (error) {
      failure = asError(error);
    }
    const why = stop.signal.aborted ? (stop.signal.reason as StopReason) : null;
    if (why === 'shutdown') {
      job.attemptsMade -= 1; // Bull adds one for the error below.
      return new ShutdownError('the process was stopped; the job goes on in another');
    }
    if (why === 'cancel') {
      await this.#keys.markCancelled(id);
      await job.discard();
      failure = new Error('cancelled');
    } else await this.#keys.forgetStop(id);
    if (failure && why === null) this.#log.error({ job: job.queue.name, id, err: failure }, 'job failed');
    const over = !failure || why === 'cancel' || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    if (over && job.data.key !== undefined) this.#freeWhenOver(id, job);
    return failure;
  }

  /** The key is free only once Bull has recorded the end: until then the job is unfinished. */
  #freeWhenOver(id: string, job: Bull.Job<Payload>): void {
    const { queue } = job;
    const free = (ended: Bull.Job<Payload>) => {
      if (ended.id !== job.id) return;
      queue.removeListener('completed', free).removeListener('failed', free);
      this.#keys
        .free(queue.name, job.data.key!, id)
        .catch((error: unknown) => this.#log.debug({ id, err: error }, 'key of an ended job not freed yet'));
    };
    queue.on('completed', free).on('failed', free);
  }

  /** A round that is due while the last one still runs, here or elsewhere, is left out. */
  async #beginRound(id: string, name: string): Promise<boolean> {
    const token = randomUUID();
    if (!(await this.#keys.holdRound(name, token, this.#lockMs))) return false;
    this.#rounds.set(id, { name, token });
    return true;
  }

  async #endRound(id: string): Promise<void> {
    const round = this.#rounds.get(id);
    this.#rounds.delete(id);
    if (round) await this.#keys.endRound(round.name, round.token).catch(() => {}); // Else it ends by its time.
  }

  async #hold(): Promise<void> {
    try {
      for (const { name, token } of this.#rounds.values())
        await this.#keys.holdRound(name, token, this.#lockMs);
      for (const id of this.#running.ids)
        if ((await this.#keys.stopState(id)) === 'asked') this.#running.stop(id, 'cancel');
    } catch (error) {
      this.#log.debug({ err: error }, 'wishes to stop jobs could not be read');
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
