import type { App } from '../../core/app.ts';

/** Only the dialer beside the switch that has the recording can bring it over. */
export function fetchRecordingJob(dialerId: string): string {
  return dialerId === firstDialer ? 'recordings.fetch' : `recordings.fetch.${dialerId}`;
}

/** Its jobs have no name in theirs: they are older than names of dialers. */
export const firstDialer = 'main';

const againMs = 5_000;

/** Closed files that are to be brought over. The queue of jobs may be away, and nothing that follows from a call waits for it. */
export class FetchQueue {
  readonly #app: Pick<App, 'clock' | 'log' | 'jobs'>;
  readonly #job: string;
  /** By name, their length in milliseconds. */
  readonly #waiting = new Map<string, number | null>();
  #running = false;
  #stopped = false;

  constructor(app: Pick<App, 'clock' | 'log' | 'jobs'>, dialerId: string) {
    this.#app = app;
    this.#job = fetchRecordingJob(dialerId);
  }

  add(name: string, durationMs: number | null): void {
    this.#waiting.set(name, durationMs ?? this.#waiting.get(name) ?? null);
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    const { jobs, log, clock } = this.#app;
    try {
      for (const [name, durationMs] of this.#waiting) {
        await jobs.add(this.#job, { name, durationMs }, { key: name, attempts: 8 });
        this.#waiting.delete(name);
      }
    } catch (error) {
      log.warn({ waiting: this.#waiting.size, error: String(error) }, 'recordings cannot be asked for yet');
      clock.after(againMs, () => void this.#run());
    } finally {
      this.#running = false;
    }
  }

  /** What is not asked for now, the next start asks for. */
  close(): void {
    this.#stopped = true;
  }
}
