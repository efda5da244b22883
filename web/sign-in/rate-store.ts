import type { ClientRateLimitInfo, Options, Store } from 'express-rate-limit';
import type { App } from '../../core/app.ts';
import type { Queryable } from '../../core/database/database.ts';
import { isDuplicate } from '../../core/users/user-store.ts';

interface RateRow {
  hits: number;
  reset_at: number | string;
}

/** Counts in the table `rate_limits`, so that all web processes share one limit. */
export class RateStore implements Store {
  readonly localKeys = false;
  readonly prefix: string;
  readonly #app: App;
  #windowMs = 60_000;

  constructor(app: App, prefix: string) {
    this.#app = app;
    this.prefix = prefix;
  }

  init(options: Options): void {
    this.#windowMs = options.windowMs;
  }

  /** Counts one, and tells how many it was: also among those that come at the same moment. */
  async increment(key: string): Promise<ClientRateLimitInfo> {
    const { clock, db } = this.#app;
    const now = clock.now();
    const fresh = { hits: 0, reset_at: now + this.#windowMs };
    // The row is made on its own: a refused insert inside the transaction would leave a lock that deadlocks.
    if (!(await this.#row(key))) await this.#insert(key, fresh);
    const row = await db.transaction(async (trx) => {
      await this.#rows(key, trx).where('reset_at', '<=', now).update(fresh);
      await this.#rows(key, trx).increment('hits', 1);
      return this.#row(key, trx);
    });
    // Without the time of its end: the library would hold that, which is by the app clock, against another clock.
    return { totalHits: row?.hits ?? 1, resetTime: undefined };
  }

  /** Milliseconds until this key may be tried again. */
  async left(key: string): Promise<number> {
    const row = await this.#row(key);
    return Math.max(0, Number(row?.reset_at ?? 0) - this.#app.clock.now());
  }

  async decrement(key: string): Promise<void> {
    await this.#rows(key).where('hits', '>', 0).decrement('hits', 1);
  }

  async resetKey(key: string): Promise<void> {
    await this.#rows(key).delete();
  }

  /** Forgets every key that begins so and goes on in signs of ASCII. */
  async resetFrom(start: string): Promise<void> {
    const from = this.prefix + start;
    await this.#app.db.knex('rate_limits').where('key', '>=', from).where('key', '<', `${from}~`).delete();
  }

  #rows(key: string, at: Queryable = this.#app.db.knex) {
    return at('rate_limits').where({ key: this.prefix + key });
  }

  async #row(key: string, at?: Queryable): Promise<RateRow | undefined> {
    return (await this.#rows(key, at).first()) as RateRow | undefined;
  }

  async #insert(key: string, row: RateRow): Promise<void> {
    try {
      await this.#app.db.knex('rate_limits').insert({ key: this.prefix + key, ...row });
    } catch (error) {
      if (!isDuplicate(error)) throw error; // Another request was first.
    }
  }
}

/** Removes windows that have ended. */
export async function cleanRateLimits(app: App): Promise<void> {
  await app.db.knex('rate_limits').where('reset_at', '<=', app.clock.now()).delete();
}
