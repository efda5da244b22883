import type { ClientRateLimitInfo, Options, Store } from 'express-rate-limit';
import type { App } from '../../core/app.ts';
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

  async increment(key: string): Promise<ClientRateLimitInfo> {
    const { clock } = this.#app;
    const now = clock.now();
    // A second round is needed when another process began or ended this key's window in between.
    for (let round = 0; round < 3; round++) {
      const rows = this.#rows(key);
      if ((await rows.clone().where('reset_at', '>', now).increment('hits', 1)) > 0) break;
      const fresh = { hits: 1, reset_at: now + this.#windowMs };
      if ((await rows.clone().where('reset_at', '<=', now).update(fresh)) > 0) break;
      if (await this.#insert(key, fresh)) break;
    }
    const row = (await this.#rows(key).first()) as RateRow | undefined;
    return {
      totalHits: row?.hits ?? 1,
      resetTime: new Date(row ? Number(row.reset_at) : now + this.#windowMs),
    };
  }

  async decrement(key: string): Promise<void> {
    await this.#rows(key).where('hits', '>', 0).decrement('hits', 1);
  }

  async resetKey(key: string): Promise<void> {
    await this.#rows(key).delete();
  }

  #rows(key: string) {
    return this.#app.db.knex('rate_limits').where({ key: this.prefix + key });
  }

  async #insert(key: string, row: RateRow): Promise<boolean> {
    try {
      await this.#app.db.knex('rate_limits').insert({ key: this.prefix + key, ...row });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }
}

/** Removes windows that have ended. */
export async function cleanRateLimits(app: App): Promise<void> {
  await app.db.knex('rate_limits').where('reset_at', '<=', app.clock.now()).delete();
}
