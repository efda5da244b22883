/**
 * Work that outlives a request: import, export, rollups. A handler may run twice for one job (a process died in
 * the middle), so it must be safe to repeat and keep its own place.
 */
export interface Jobs {
  /** Says how jobs of this name are done. Call before `start`. `concurrency` counts per process (1). */
  define<T>(name: string, handler: JobHandler<T>, options?: { concurrency?: number }): void;
  /** Queues a job; not from inside a database transaction, which it knows nothing of. With `key`, at most one unfinished job of that name and key exists: a second `add` returns its id. */
  add<T>(name: string, data: T, options?: AddJobOptions): Promise<string>;
  /** Runs a job of this name every `everyMs`, once over all processes. A changed interval replaces the old one. */
  repeat(name: string, everyMs: number): Promise<void>;
  get(id: string): Promise<JobView | null>;
  /** Asks a job to stop: a waiting one is cancelled at once, a running one sees its `signal` abort. False when it had ended. */
  cancel(id: string): Promise<boolean>;
  /** Starts taking jobs. A process that only queues never calls it. */
  start(): Promise<void>;
  /** Rejects when the queue's store does not answer. */
  ping(): Promise<void>;
  /** Takes no more jobs, aborts the running ones' signals after `drainMs` (5,000), waits for them. May be called twice. */
  close(drainMs?: number): Promise<void>;
}

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface JobView {
  id: string;
  name: string;
  state: JobState;
  /** 0 to 100. */
  progress: number;
  /** What went wrong, when `failed`. */
  error: string | null;
  attempts: number;
}

export interface AddJobOptions {
  key?: string;
  delayMs?: number;
  /** How often it is tried in all (3), with a growing pause between. */
  attempts?: number;
}

export interface RunningJob<T> {
  id: string;
  data: T;
  attempt: number;
  /** Aborts on `cancel` and on shutdown; a handler that sees it stops at its next safe place. */
  signal: AbortSignal;
  progress(percent: number): Promise<void>;
}

export type JobHandler<T> = (job: RunningJob<T>) => Promise<void>;

/** The queue's store does not answer. */
export class JobsUnavailable extends Error {
  constructor(why: string) {
    super(`job queue unavailable: ${why}`);
    this.name = 'JobsUnavailable';
  }
}
