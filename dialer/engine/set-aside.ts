import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { isRefusedForGood } from '../../core/database/errors.ts';
import { createUnwrittenStore, type Unwritten, type WriteOutcome } from '../unwritten/unwritten-store.ts';
import type { JournalEntry } from './journal.ts';

/**
 * Transitions that the database refuses though it is there, in a table of their own: for an administrator to see, and to
 * be tried again.
 */
export class SetAside {
  readonly #app: Pick<App, 'db' | 'clock' | 'log'>;
  readonly #dialerId: string;
  readonly #store;
  /** What this run has set aside, in its order, with the id of its row. */
  readonly #own: { id: number; readonly entry: JournalEntry }[] = [];
  #trying: Promise<number> | null = null;

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
      this.#own.push({ id: await this.#keepWithAlso(entry, String(error)), entry });
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
    if (!this.#own.some((before) => before.entry.subject === subject)) return null;
    if (!(await entry.isLacking(trx))) return null;
    const id = await this.#keep(entry, waitsForEarlier, trx);
    return () => void this.#own.push({ id, entry });
  }

  /**
   * Tries all again, in their order; of what an earlier run has set aside the event alone, as the rest of it went with
   * that run. Whoever asks meanwhile waits for the same. @returns how many the database still refuses
   */
  tryAgain(): Promise<number> {
    return (this.#trying ??= this.#tryAll().finally(() => (this.#trying = null)));
  }

  async #tryAll(): Promise<number> {
    const kept = await this.#store.all(this.#dialerId);
    const own = new Set(this.#own.map(({ id }) => id));
    const refused = new Set<string>();
    let left = 0;
    const goOn = async (subject: string, write: () => Promise<WriteOutcome>): Promise<boolean> => {
      if (!refused.has(subject) && (await write()) !== 'refused') return true;
      refused.add(subject);
      left += 1;
      return false;
    };
    for (const one of kept) if (!own.has(one.id)) await goOn(one.subject, () => this.#store.write(one));
    // What this run knows counts, also where its row here is gone.
    for (const one of [...this.#own])
      if (await goOn(one.entry.subject, () => this.#tryOne(one))) this.#own.splice(this.#own.indexOf(one), 1);
    return left;
  }

  async #tryOne(one: { id: number; readonly entry: JournalEntry }): Promise<WriteOutcome> {
    const { id, entry } = one;
    const row = async (trx: Knex.Transaction) => {
      if ((await entry.write(trx)) !== 1 && (await entry.isLacking(trx))) throw new Error(waitsForEarlier);
    };
    const { eventTable, event } = entry;
    const outcome = await this.#store.write({ id, eventTable, event: event as Unwritten['event'] }, row);
    if (outcome !== 'not mine') return outcome;
    // Who took it away has written its event; the row of the call or agent nobody but this run can write.
    try {
      await this.#app.db.transaction(row);
      return 'written';
    } catch (error) {
      one.id = await this.#keep(entry, String(error));
      return 'refused';
    }
  }
}

const waitsForEarlier = 'an earlier transition is not written';
