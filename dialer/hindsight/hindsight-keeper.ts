import type { App } from '../../core/app.ts';
import { createHindsightStore, keptMs } from './hindsight-store.ts';
import type { HindsightRow } from './hindsight.ts';

const writeEveryMs = 10_000;
const forgetEveryMs = 3_600_000;
/** Kept while the database is away; more than an hour of ten campaigns. */
const mostRows = 1_000;

/** Brings what has settled into the database every few seconds, and forgets what is old. Calls never wait for it. */
export class HindsightKeeper {
  readonly #app: Pick<App, 'db' | 'log' | 'clock'>;
  readonly #store: ReturnType<typeof createHindsightStore>;
  #rows: HindsightRow[] = [];
  #writtenAt = Number.NEGATIVE_INFINITY;
  #forgottenAt = Number.NEGATIVE_INFINITY;
  #writing = false;

  constructor(app: Pick<App, 'db' | 'log' | 'clock'>) {
    this.#app = app;
    this.#store = createHindsightStore(app);
  }

  /** Asked at every tick; `take` is called when it is time to write. */
  tick(take: () => HindsightRow[]): void {
    const now = this.#app.clock.now();
    if (this.#writing || now - this.#writtenAt < writeEveryMs) return;
    this.#writtenAt = now;
    this.#rows.push(...take());
    this.#rows.splice(0, Math.max(0, this.#rows.length - mostRows));
    void this.#write(now);
  }

  async #write(now: number): Promise<void> {
    this.#writing = true;
    const rows = this.#rows;
    this.#rows = [];
    try {
      await this.#store.add(rows);
      if (now - this.#forgottenAt >= forgetEveryMs) {
        this.#forgottenAt = now;
        await this.#store.forgetBefore(now - keptMs);
      }
    } catch (error) {
      this.#rows.unshift(...rows);
      this.#app.log.warn({ err: error }, 'what came of forecasts is not written yet; it is tried again');
    } finally {
      this.#writing = false;
    }
  }
}
