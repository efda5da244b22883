import { randomBytes } from 'node:crypto';
import type { App } from '../../core/app.ts';
import { beatMs, goneMs, type Cell } from './cell.ts';
import type { CellStore } from './cell-store.ts';
import { Silence } from './silence.ts';

export interface HeartbeatParts {
  readonly dialerId: string;
  readonly store: CellStore;
  /** The dialers that run, this one among them, sorted by name. */
  aliveNow(cells: readonly Cell[]): void;
  /** One of the others is gone, and what it has left is this dialer's to look after. */
  bereaved(cell: Cell): Promise<void>;
  /** The database is there again: others may have taken this dialer for gone meanwhile. */
  back?(): void;
  /** Another process runs under the same name: this one must place no more calls. */
  superseded(): void;
  /** That one has ended, or been silent for so long that it is gone. Told once. */
  nameFree?(): void;
}

/** Shows that this dialer lives, and sees which others do. */
export class Heartbeat {
  readonly #app: Pick<App, 'clock' | 'log' | 'config'>;
  readonly #parts: HeartbeatParts;
  readonly #run = randomBytes(12).toString('hex');
  #stop: (() => void) | null = null;
  #beating: Promise<void> | null = null;
  #isAway = false;
  readonly #silence = new Silence();
  /** Cells whose things are being put in order: however long that takes, this dialer goes on showing that it lives. */
  readonly #tidying = new Map<string, Promise<void>>();

  constructor(app: Pick<App, 'clock' | 'log' | 'config'>, parts: HeartbeatParts) {
    this.#app = app;
    this.#parts = parts;
  }

  /** From here on the name is this process's. When the one before it was last seen; null: there was none. */
  async begin(): Promise<number | null> {
    const { store, dialerId } = this.#parts;
    const before = (await store.all()).find(({ id }) => id === dialerId);
    const switchUrl = this.#app.config.asterisk?.url ?? null;
    await store.begin({ id: dialerId, run: this.#run, switchUrl }, this.#app.clock.now());
    this.#see(await store.all());
    this.#stop = this.#app.clock.every(beatMs, () => void this.#beat());
    return before?.seenAt ?? null;
  }

  /** Ended in order: nobody misses it, and after a while others take what it has left. */
  async end(): Promise<void> {
    this.stop();
    await this.#beating;
    await Promise.all(this.#tidying.values());
    await this.#parts.store.end(this.#parts.dialerId, this.#run, this.#app.clock.now());
  }

  #beat(): Promise<void> {
    return (this.#beating ??= this.#beatOnce()
      .then(() => {
        if (this.#isAway) this.#parts.back?.();
        this.#isAway = false;
      })
      .catch((error: unknown) => {
        this.#isAway = true;
        this.#app.log.warn({ error: String(error) }, 'heartbeat could not be written; it is tried again');
      })
      .finally(() => (this.#beating = null)));
  }

  async #beatOnce(): Promise<void> {
    const { store, dialerId, superseded } = this.#parts;
    const { clock, log } = this.#app;
    if (!(await store.beat(dialerId, this.#run, clock.now()))) {
      log.error(
        { dialer: dialerId },
        'another process runs under this dialer’s name (DIALER_ID); this one places no more calls',
      );
      this.#stop?.();
      this.#stop = clock.every(beatMs, () => void this.#watchName().catch(() => {}));
      return superseded();
    }
    const cells = await store.all();
    this.#see(cells);
    for (const cell of cells) {
      const isOther = cell.id !== dialerId && cell.clearedAt === null;
      if (!isOther || !this.isGone(cell)) continue;
      if (await store.inherit(cell, dialerId, clock.now())) this.#tidy(cell);
    }
  }

  /** Who has been superseded looks whether the other is still there. */
  async #watchName(): Promise<void> {
    const cells = await this.#parts.store.all();
    this.#silence.look(cells, this.#app.clock.now());
    const other = cells.find(({ id }) => id === this.#parts.dialerId);
    if (this.#stop === null || (other && this.isAlive(other))) return;
    this.stop();
    this.#parts.nameFree?.();
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }

  #tidy(cell: Cell): void {
    if (this.#tidying.has(cell.id)) return;
    const tidied = this.#parts
      .bereaved(cell)
      .catch((error: unknown) => {
        this.#app.log.warn({ dialer: cell.id, error: String(error) }, 'what a dialer left could not be put in order; it is tried again'); // prettier-ignore
      })
      .finally(() => this.#tidying.delete(cell.id));
    this.#tidying.set(cell.id, tidied);
  }

  /** What it holds is free for others. */
  isGone(cell: Cell): boolean {
    return this.#silence.of(cell) >= goneMs;
  }

  /** It runs, as far as anybody can tell. */
  isAlive(cell: Cell): boolean {
    return cell.stoppedAt === null && cell.clearedAt === null && !this.isGone(cell);
  }

  #see(cells: readonly Cell[]): void {
    this.#silence.look(cells, this.#app.clock.now());
    this.#parts.aliveNow(cells.filter((cell) => this.isAlive(cell)));
  }
}
