import type { Database } from '../../core/database/database.ts';
import { isDuplicate } from '../../core/database/errors.ts';
import type { PhoneHolder } from './phone-holder.ts';

/** All SQL for `phone_holders`. */
export class PhoneHolderStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async get(userId: number): Promise<PhoneHolder | null> {
    const row = (await this.#db.knex('phone_holders').where({ user_id: userId }).first('browser', 'turn')) as
      PhoneHolder | undefined;
    return row ?? null;
  }

  /** Of two that take it at once each gets a turn of its own, and the later one holds it. */
  async take(userId: number, browser: string, now: number): Promise<PhoneHolder> {
    for (;;) {
      const held = await this.get(userId);
      const next = { browser, turn: (held?.turn ?? 0) + 1 };
      if (await this.#write(userId, held, { ...next, taken_at: now })) return next;
    }
  }

  async #write(
    userId: number,
    held: PhoneHolder | null,
    row: PhoneHolder & { taken_at: number },
  ): Promise<boolean> {
    const table = () => this.#db.knex('phone_holders');
    if (held) return (await table().where({ user_id: userId, turn: held.turn }).update(row)) === 1;
    try {
      await table().insert({ user_id: userId, ...row });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }
}
