import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { isRefusedForGood } from '../../core/database/errors.ts';
import { createUnwrittenStore } from '../unwritten/unwritten-store.ts';
import type { JournalEntry } from './journal.ts';

/**
 * Transitions that the database refuses though it is there, in a table of their own: for an administrator to see, and to
 * be tried again.
 */
export class SetAside {
  readonly #app: Pick<App, 'db' | 'clock' | 'log'>;
  readonly #dialerId: string;
  readonly #store;
  /** What this run has set aside, by the id of its row. */
  readonly #entries = new Map<number, JournalEntry>();

  constructor(app: Pick<App, 'db' | 'clock' | 'log'>, dialerId: string) {
    this.#app = app;
    this.#dialerId = dialerId;
    this.#store = createUnwrittenStore(app);
  }

  /** False where the database does not take even that. */
  async take(entry: JournalEntry, error: unknown): Promise<boolean> {
    const { subject } = entry;
    const { log } = this.#app;
    try {
      this.#entries.set(await this.#keepWithAlso(entry, String(error)), entry);
    } catch (again) {
      log.warn({ subject, error: String(error), again: String(again) }, 'transition refused; kept in memory');
      return false;
    }
    log.error({ subject, error: String(error) }, 'transition refused by the database; set aside');
    return true;
  }

  /** What is to be written with it may be to blame itself. */
  async #keepWithAlso(entry: JournalEntry, error: string): Promise<number> {
    try {
      return await this.#app.db.transaction(async (trx) => {
        await entry.also?.(trx);
        return this.#keep(entry, error, trx);
      });
    } catch (again) {
      if (!entry.also || !isRefusedForGood(again)) throw again;
      return this.#keep(entry, error);
    }
  }

  #keep(
    { subject, eventTable, event }: JournalEntry,
    error: string,
    trx?: Knex.Transaction,
  ): Promise<number> {
    const failedAt = this.#app.clock.now();
    return this.#store.keep({ dialerId: this.#dialerId, subject, eventTable, event, error, failedAt }, trx);
  }

  /**
   * Takes an entry that finds nothing to follow as the one before it was set aside, in the transaction in which that
   * showed: both are written in their order later. Null where that is not why; else what is to be called once the
   * transaction is through.
   */
  async takeBehind(entry: JournalEntry, trx: Knex.Transaction): Promise<(() => void) | null> {
    const { subject } = entry;
    if (![...this.#entries.values()].some((before) => before.subject === subject)) return null;
    const id = await this.#keep(entry, 'an earlier transition is not written', trx);
    return () => void this.#entries.set(id, entry);
  }

  /**
   * Tries all again, in their order; of what an earlier run has set aside the event alone, as the rest of it went with
   * that run. @returns how many the database still refuses
   */
  async tryAgain(): Promise<number> {
    const refused = new Set<string>();
    let left = 0;
    for (const one of await this.#store.all(this.#dialerId)) {
      const { id, subject } = one;
      const entry = this.#entries.get(id);
      const row = (trx: Knex.Transaction) => entry?.write(trx) ?? Promise.resolve();
      if (!refused.has(subject) && (await this.#store.write(one, row))) this.#entries.delete(id);
      else {
        refused.add(subject);
        left += 1;
      }
    }
    return left;
  }
}
