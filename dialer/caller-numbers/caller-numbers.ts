import type { App } from '../../core/app.ts';
import { dayOf, hasLeft, inOrderFor, type NumberPool, type NumberPoolStore } from '../../campaigns/index.ts';
import { fromLocal } from '../../core/time/local-time.ts';

interface Kept {
  pool: NumberPool;
  /** In the pool's zone; the calls are those of this day. */
  day: string;
  readonly calls: Map<string, number>;
}

/** What keeps a campaign from showing a number: `until` is when its pool's next day begins. */
export type NoNumber = { readonly reason: 'none' } | { readonly reason: 'used-up'; readonly until: number };

/** What is known of the pools now: their numbers, and how many calls have shown each today. */
export class CallerNumbers {
  readonly #app: Pick<App, 'clock'>;
  readonly #store: NumberPoolStore;
  #pools = new Map<number, Kept>();

  constructor(app: Pick<App, 'clock'>, store: NumberPoolStore) {
    this.#app = app;
    this.#store = store;
  }

  /** Reads what the database says, what other dialers have used included. */
  async read(): Promise<void> {
    const read = new Map<number, Kept>();
    const pools = await this.#store.all();
    for (const pool of pools) {
      const day = dayOf(this.#app.clock.now(), pool.zone);
      const numbers = pool.numbers.map(({ e164 }) => e164);
      read.set(pool.id, { pool, day, calls: await this.#store.callsOn(day, numbers) });
    }
    this.#pools = read;
  }

  /** Null: a number may be shown. */
  lack(poolId: number | null): NoNumber | null {
    if (poolId === null) return null;
    const kept = this.#today(poolId);
    if (!kept?.pool.numbers.some(({ enabled }) => enabled)) return { reason: 'none' };
    const { pool, calls, day } = kept;
    if (pool.numbers.some((number) => hasLeft(number, calls.get(number.e164) ?? 0))) return null;
    return { reason: 'used-up', until: fromLocal(day, pool.zone).plus({ days: 1 }).toMillis() };
  }

  /** The number that one more call to this customer shows, counted as shown. Null: none may be. @throws where the database fails */
  async take(poolId: number, customer: string): Promise<string | null> {
    for (;;) {
      const kept = this.#today(poolId);
      if (!kept) return null;
      const { calls, day } = kept;
      const [best] = inOrderFor(kept.pool, customer, (e164) => calls.get(e164) ?? 0);
      if (!best) return null;
      const before = calls.get(best.e164) ?? 0;
      // Counted ahead: calls that leave in one moment spread over the numbers.
      calls.set(best.e164, before + 1);
      let taken = false;
      try {
        taken = await this.#store.take(best, day);
      } catch (error) {
        calls.set(best.e164, before);
        throw error;
      }
      if (taken) return best.e164;
      // Other dialers have shown it on all that it had left.
      calls.set(best.e164, best.dailyLimit ?? before + 1);
    }
  }

  #today(poolId: number): Kept | undefined {
    const kept = this.#pools.get(poolId);
    const day = kept && dayOf(this.#app.clock.now(), kept.pool.zone);
    if (kept && day !== undefined && day !== kept.day) {
      kept.day = day;
      kept.calls.clear();
    }
    return kept;
  }
}
