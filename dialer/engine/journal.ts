import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { isExplained, isRefusedForGood } from '../../core/database/errors.ts';
import type { EventTable } from '../unwritten/unwritten-store.ts';
import { SetAside } from './set-aside.ts';

/** Written in the transaction of a transition; more than once where that has to be tried again. */
export type AlsoWritten = (trx: Knex.Transaction) => Promise<void>;

/** One transition on its way to the database. */
export interface JournalEntry {
  /** What it is about, for the log: `call c1`, `agent 7`. */
  readonly subject: string;
  /** Writes the row by compare-and-set, safe to repeat; the number of rows it moved is checked to be 1. */
  write(trx: Knex.Transaction): Promise<number>;
  /** Of one that moved none: whether the row waits for what comes before. Else this or a later change stands there. */
  isLacking(trx: Knex.Transaction): Promise<boolean>;
  /** Written with it; also where the transition itself is refused, and never again by what tries that again. */
  readonly also?: AlsoWritten | undefined;
  readonly eventTable: EventTable;
  readonly event: object;
  /** Called once the transition is in the database. */
  written(): void;
}

export interface JournalOptions {
  /** So many entries may wait before nothing new is begun (50,000). */
  room?: number;
  /** Pause between attempts while it is away (250 ms). */
  retryMs?: number;
  /** Attempts at what fails without a name for it (240: a minute). */
  triesUnexplained?: number;
  /** In whose name transitions are set aside (`main`). */
  dialerId?: string;
}

const batchSize = 100;

/**
 * Writes transitions behind the calls, in the order they happened, many in one transaction. Live calls never wait for
 * the database: while it is gone, entries wait here, and are written when it is back. What it refuses though it is there
 * is set aside in a table of its own, for an administrator to see and to try again, and those behind it go on; where it
 * does not take that either, all wait.
 */
export class Journal {
  readonly #app: Pick<App, 'db' | 'clock' | 'log'>;
  readonly #room: number;
  readonly #retryMs: number;
  readonly #triesUnexplained: number;
  readonly #aside: SetAside;
  #queue: JournalEntry[] = [];
  #waiters: { after: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  #appended = 0;
  #settled = 0;
  #running = false;
  #failing = false;
  #closed = false;
  #unexplained = 0;

  constructor(app: Pick<App, 'db' | 'clock' | 'log'>, options: JournalOptions = {}) {
    this.#app = app;
    this.#room = options.room ?? 50_000;
    this.#retryMs = options.retryMs ?? 250;
    this.#triesUnexplained = options.triesUnexplained ?? 240;
    this.#aside = new SetAside(app, options.dialerId ?? 'main');
  }

  /**
   * False from the first failed write until one succeeds, and while there is no room: no new call may be placed
   * meanwhile.
   */
  get healthy(): boolean {
    return !this.#failing && this.hasRoom;
  }

  /**
   * Nothing is ever left out, as what has happened must be written. Without room nothing is begun that need not be, so
   * that only what is under way comes to its end: that is little.
   */
  get hasRoom(): boolean {
    return this.#queue.length < this.#room;
  }

  get pending(): number {
    return this.#queue.length;
  }

  append(entry: JournalEntry): void {
    this.#queue.push(entry);
    this.#appended += 1;
    if (this.#queue.length === this.#room)
      this.#app.log.error(
        { pending: this.#room },
        'much waits to be written: nothing new is begun; bring the database back',
      );
    this.#wake();
  }

  /** Resolves when all that was appended so far is in the database. @throws Error when the journal closes before. */
  flushed(): Promise<void> {
    if (this.#settled >= this.#appended) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ after: this.#appended, resolve, reject }));
  }

  /** Tries to write what is left for up to `drainMs`, then lets go. May be called twice. */
  async close(drainMs = 2_000): Promise<void> {
    if (!this.#closed) {
      const giveUp = new Promise<void>((resolve) => setTimeout(resolve, drainMs).unref());
      await Promise.race([this.flushed(), giveUp]).catch(() => {});
      this.#closed = true;
      if (this.#queue.length > 0)
        this.#app.log.error(
          { lost: this.#queue.length },
          'journal closed with transitions that could not be written',
        );
    }
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new Error('the journal is closed'));
  }

  #wake(): void {
    if (this.#running) return;
    this.#running = true;
    // Whatever else happens in this turn shares the transaction.
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#closed) {
      const batch = this.#queue.slice(0, batchSize);
      const written = await this.#writeTogether(batch);
      if (!written) {
        this.#failing = true;
        await this.#pause();
      }
    }
    this.#running = false;
  }

  async #writeTogether(batch: JournalEntry[]): Promise<boolean> {
    try {
      await this.#write(batch);
    } catch (error) {
      if ((await this.#mayPass(error)) || this.#closed) {
        if (!this.#failing)
          this.#app.log.warn(
            { pending: this.#queue.length, error: String(error) },
            'database away, or takes nothing: transitions are kept in memory',
          );
        return false;
      }
      return this.#writeSingly(batch);
    }
    this.#done(batch);
    return true;
  }

  /** One entry of the batch does not fit: the others must not wait for it. */
  async #writeSingly(batch: JournalEntry[]): Promise<boolean> {
    for (const entry of batch) {
      try {
        await this.#write([entry]);
      } catch (error) {
        if ((await this.#mayPass(error)) || !(await this.#aside.take(entry, error))) return false;
        // Nothing is known to be well by that.
        this.#over([entry]);
        continue;
      }
      this.#done([entry]);
    }
    return true;
  }

  /**
   * The database was away, and may have been for so long that this dialer counted as gone: then somebody else may have
   * written the events of what it has set aside, and the rest is for it to write.
   */
  back(): void {
    this.writeAside().catch((error: unknown) => {
      this.#app.log.warn(
        { error: String(error) },
        'transitions that were set aside could not be tried again',
      );
    });
  }

  /** Tries what was set aside again. @returns how many the database still refuses */
  writeAside(): Promise<number> {
    return this.#aside.tryAgain();
  }

  /**
   * Whether trying again may help: what was to be written is not to blame, or the database is gone. What nobody has
   * named may pass for a while, as all that comes after it waits.
   */
  async #mayPass(error: unknown): Promise<boolean> {
    if (!isRefusedForGood(error)) {
      if (isExplained(error)) return true;
      this.#unexplained += 1;
      if (this.#unexplained < this.#triesUnexplained) return true;
    }
    return this.#app.db.ping().then(
      () => false,
      () => true,
    );
  }

  async #write(batch: JournalEntry[]): Promise<void> {
    const behind = await this.#app.db.transaction(async (trx) => {
      const saved: JournalEntry[] = [];
      const isThrough: (() => void)[] = [];
      for (const entry of batch) {
        await entry.also?.(trx);
        const rows = await entry.write(trx);
        // Its event is left out as well: it may stand there already, where a commit went through and its answer was lost.
        if (rows === 1) saved.push(entry);
        else {
          const kept = await this.#aside.takeBehind(entry, trx);
          if (kept) isThrough.push(kept);
          else
            this.#app.log.error({ subject: entry.subject, rows }, 'row was not where the dialer had left it');
        }
      }
      for (const table of ['call_events', 'agent_events'] as const) {
        const events = saved.filter((entry) => entry.eventTable === table).map((entry) => entry.event);
        await this.#app.db.insertMany(table, events, trx);
      }
      return isThrough;
    });
    for (const note of behind) note();
  }

  #done(batch: JournalEntry[]): void {
    if (this.#failing) {
      this.#failing = false;
      this.#app.log.info(
        { pending: this.#queue.length - batch.length },
        'database is back: writing what was kept',
      );
      this.back();
    }
    this.#over(batch);
  }

  /** Written, or set aside. */
  #over(batch: JournalEntry[]): void {
    this.#unexplained = 0;
    this.#queue.splice(0, batch.length);
    this.#settled += batch.length;
    while (this.#waiters.length > 0 && this.#waiters[0]!.after <= this.#settled)
      this.#waiters.shift()!.resolve();
    for (const entry of batch) {
      try {
        entry.written();
      } catch (error) {
        this.#app.log.error(
          { subject: entry.subject, error: String(error) },
          'listener of a written transition failed',
        );
      }
    }
  }

  /** Real time, not the app clock's: a database comes back in real time. */
  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#retryMs));
  }
}
