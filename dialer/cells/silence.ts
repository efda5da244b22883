import { beatMs, type Cell } from './cell.ts';

/** Between two looks no more silence is counted than this, however long they were apart. */
const mostBetweenLooksMs = 2 * beatMs;

/**
 * For how long the other dialers have been silent, as one sees it that looks at them with each beat of its own: by its
 * own clock, from when it saw the last sign of life, and only while it looked. So clocks of two machines are not
 * compared, and an outage of the database, in which nobody can be heard, makes nobody silent.
 */
export class Silence {
  readonly #heard = new Map<string, { run: string; seenAt: number; silentMs: number }>();
  #lookedAt: number | null = null;

  look(cells: readonly Cell[], now: number): void {
    const since = this.#lookedAt === null ? 0 : now - this.#lookedAt;
    const passed = Math.min(mostBetweenLooksMs, Math.max(0, since));
    for (const { id, run, seenAt } of cells) {
      const last = this.#heard.get(id);
      if (last && last.run === run && seenAt <= last.seenAt) last.silentMs += passed;
      else this.#heard.set(id, { run, seenAt, silentMs: 0 });
    }
    this.#lookedAt = now;
  }

  /** Milliseconds; 0 for one that has shown itself since the last look, or was never seen. */
  of({ id, run, seenAt }: Cell): number {
    const last = this.#heard.get(id);
    return last && last.run === run && seenAt <= last.seenAt ? last.silentMs : 0;
  }
}
