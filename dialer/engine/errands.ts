import type { App } from '../../core/app.ts';
import { isExplained, isRefusedForGood } from '../../core/database/errors.ts';

interface Errand {
  readonly name: string;
  readonly about: object;
  run(): Promise<unknown>;
  readonly leftOut?: () => void;
  tries: number;
}

const triesWhenRefused = 3;
/** Of what nobody has named: a minute of them, as others wait behind it. */
const triesUnexplained = 240;
const standardCapacity = 50_000;

/**
 * Work that follows from a call and may wait: leads, timeline, callbacks. Done one after the other, each at least
 * once; while the database is away they wait.
 */
export class Errands {
  readonly #app: Pick<App, 'db' | 'log'>;
  readonly #retryMs: number;
  readonly #capacity: number;
  readonly #queue: Errand[] = [];
  #waiters: (() => void)[] = [];
  #running = false;
  #closed = false;

  constructor(app: Pick<App, 'db' | 'log'>, options: { retryMs?: number; capacity?: number } = {}) {
    this.#app = app;
    this.#retryMs = options.retryMs ?? 250;
    this.#capacity = options.capacity ?? standardCapacity;
  }

  get pending(): number {
    return this.#queue.length;
  }

  /** `leftOut`: told where it is not done at all, as too much waits already or it failed too often. */
  add(name: string, about: object, run: () => Promise<unknown>, leftOut?: () => void): void {
    if (this.#queue.length >= this.#capacity) {
      this.#app.log.error({ ...about, errand: name }, 'too much is waiting for the database: left out');
      leftOut?.();
      return;
    }
    this.#queue.push({ name, about, run, leftOut, tries: 0 });
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  }

  /** Resolves when nothing is left to do. */
  idle(): Promise<void> {
    if (!this.#running && this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Tries to finish for up to `drainMs`. May be called twice. */
  async close(drainMs = 2_000): Promise<void> {
    if (!this.#closed)
      await Promise.race([this.idle(), new Promise((resolve) => setTimeout(resolve, drainMs).unref())]);
    this.#closed = true;
    if (this.#queue.length > 0)
      this.#app.log.warn(
        { left: this.#queue.length },
        'errands left undone; the next start makes up for them',
      );
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#closed) {
      const errand = this.#queue[0]!;
      try {
        errand.tries += 1;
        await errand.run();
        this.#queue.shift();
      } catch (error) {
        await this.#failed(errand, error);
      }
    }
    this.#running = false;
    for (const done of this.#waiters.splice(0)) done();
  }

  async #failed(errand: Errand, error: unknown): Promise<void> {
    const answers = await this.#app.db.ping().then(
      () => true,
      () => false,
    );
    const most = isRefusedForGood(error)
      ? triesWhenRefused
      : isExplained(error)
        ? Infinity
        : triesUnexplained;
    if (answers && errand.tries >= most) {
      this.#queue.shift();
      this.#app.log.error(
        { ...errand.about, errand: errand.name, err: error },
        'errand failed and is left out',
      );
      errand.leftOut?.();
      return;
    }
    if (!answers || most === Infinity) errand.tries = 0;
    await new Promise((resolve) => setTimeout(resolve, this.#retryMs));
  }
}
