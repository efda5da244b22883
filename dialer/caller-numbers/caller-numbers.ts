import type { App } from '../../core/app.ts';
import {
  bestFor,
  dayOf,
  hasLeft,
  placed,
  type NumberFlagStore,
  type NumberPoolStore,
  type PlacedNumber,
} from '../../campaigns/index.ts';
import { fromLocal } from '../../core/time/local-time.ts';

interface Kept {
  readonly zone: string;
  readonly numbers: readonly PlacedNumber[];
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
  readonly #flags: Pick<NumberFlagStore, 'all'>;
  #pools = new Map<number, Kept>();

  constructor(app: Pick<App, 'clock'>, store: NumberPoolStore, flags: Pick<NumberFlagStore, 'all'>) {
    this.#app = app;
    this.#store = store;
    this.#flags = flags;
  }

  /** Reads what the database says, what other dialers have used included. */
  async read(): Promise<void> {
    const pools = await this.#store.all();
    const now = this.#app.clock.now();
    const today = await this.#store.callsToday(pools, now);
    const flags = await this.#flags.all();
    const rests = (e164: string) => (flags.get(e164)?.restsUntil ?? 0) > now;
    this.#pools = new Map(
      pools.map(({ id, zone, numbers }) => {
        const calls = new Map(numbers.map(({ e164 }) => [e164, today.get(e164) ?? 0]));
        // A pool whose other numbers were taken out shows what it has.
        const isLeft = numbers.some(({ e164, enabled }) => enabled && !rests(e164));
        const shown = numbers.map((number) => ({
          ...number,
          enabled: number.enabled && !(isLeft && rests(number.e164)),
        }));
        return [id, { zone, numbers: shown.map(placed), day: dayOf(now, zone), calls }];
      }),
    );
  }

  /** Null: a number may be shown. */
  lack(poolId: number | null): NoNumber | null {
    if (poolId === null) return null;
    const kept = this.#today(poolId);
    if (!kept?.numbers.some(({ enabled }) => enabled)) return { reason: 'none' };
    const { zone, numbers, calls, day } = kept;
    if (numbers.some((number) => hasLeft(number, calls.get(number.e164) ?? 0))) return null;
    return { reason: 'used-up', until: fromLocal(day, zone).plus({ days: 1 }).toMillis() };
  }

  /** The number that one more call to this customer shows, counted as shown. Null: none may be. @throws where the database fails */
  async take(poolId: number, customer: string): Promise<string | null> {
    for (;;) {
      const kept = this.#today(poolId);
      if (!kept) return null;
      const { calls, day } = kept;
      const best = bestFor(kept.numbers, customer, (e164) => calls.get(e164) ?? 0);
      if (!best) return null;
      const add = (more: number) => calls.set(best.e164, (calls.get(best.e164) ?? 0) + more);
      // Counted ahead: calls that leave in one moment spread over the numbers.
      add(1);
      let taken = false;
      try {
        taken = await this.#store.take(best, day);
      } catch (error) {
        add(-1);
        throw error;
      }
      if (taken) return best.e164;
      // Other dialers have shown it on all that it had left.
      if (best.dailyLimit !== null) calls.set(best.e164, best.dailyLimit);
    }
  }

  #today(poolId: number): Kept | undefined {
    const kept = this.#pools.get(poolId);
    const day = kept && dayOf(this.#app.clock.now(), kept.zone);
    if (kept && day !== undefined && day !== kept.day) {
      kept.day = day;
      kept.calls.clear();
    }
    return kept;
  }
}
