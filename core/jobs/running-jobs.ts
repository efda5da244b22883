/** The jobs a process is working on, so that they can be stopped one by one or all at shutdown. */
export class RunningJobs {
  readonly #jobs = new Map<string, { stop: AbortController; ended: Promise<unknown>; name: string }>();

  get ids(): string[] {
    return [...this.#jobs.keys()];
  }

  count(name: string): number {
    let count = 0;
    for (const job of this.#jobs.values()) if (job.name === name) count++;
    return count;
  }

  /** Runs `work` until it settles. `work` must not reject. */
  run(id: string, name: string, work: (stop: AbortController) => Promise<void>): Promise<void> {
    const stop = new AbortController();
    const ended = work(stop).finally(() => this.#jobs.delete(id));
    this.#jobs.set(id, { stop, ended, name });
    return ended;
  }

  stop(id: string, why: StopReason): boolean {
    const job = this.#jobs.get(id);
    job?.stop.abort(why);
    return job !== undefined;
  }

  /** Waits `drainMs` for all to end, then asks them to stop and waits `graceMs` more. Returns how many were left. */
  async drain(drainMs: number, graceMs: number): Promise<number> {
    if (await this.#allEnded(drainMs)) return 0;
    for (const { stop } of this.#jobs.values()) stop.abort('shutdown' satisfies StopReason);
    await this.#allEnded(graceMs);
    return this.#jobs.size;
  }

  async #allEnded(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const ended = Promise.allSettled([...this.#jobs.values()].map((job) => job.ended)).then(() => true);
    const result = await Promise.race([ended, late]);
    clearTimeout(timer);
    return result;
  }
}

/** Why a job's signal aborts: somebody cancelled it, the process goes, or another process has taken it over. */
export type StopReason = 'cancel' | 'shutdown' | 'lost';
