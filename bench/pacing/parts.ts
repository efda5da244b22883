import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlayedDay } from './days.ts';

/** Days of one case that are played a few at a time. */
export interface Work {
  name: string;
  /** Days wanted, and how many are played at once. */
  target: number;
  step: number;
  /** Decisions in a day, about. */
  cost: number;
  play(first: number, count: number): PlayedDay[];
}

/**
 * Results of the bench, kept in a folder where one is given: a run may be cut off at any time, and the next one goes on where
 * it was. Several processes may share a folder when each plays other names.
 */
export class Parts {
  readonly #folder: string | null;
  readonly #inMemory = new Map<string, string>();

  constructor(folder: string | null) {
    this.#folder = folder;
    if (folder) mkdirSync(folder, { recursive: true });
  }

  read<T>(name: string): T | undefined {
    const file = this.#fileOf(name);
    const text = file && existsSync(file) ? readFileSync(file, 'utf8') : this.#inMemory.get(name);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  /** The part as it was kept, or else as `make` makes it. */
  of<T>(name: string, make: () => T): T {
    const kept = this.read<T>(name);
    if (kept !== undefined) return kept;
    const made = make();
    this.#write(name, made);
    return made;
  }

  days(name: string): PlayedDay[] {
    return this.read<PlayedDay[]>(`days-${name}`) ?? [];
  }

  /** Plays on whatever has taken the least work so far, until all is played or time is up. */
  grow(works: readonly Work[], isTimeUp: () => boolean, say: (line: string) => void): void {
    const all = works.map((work) => ({ work, days: this.days(work.name) }));
    while (!isTimeUp()) {
      const open = all.filter(({ work, days }) => days.length < work.target);
      const costOf = ({ work, days }: (typeof open)[number]): number => (days.length + work.step) * work.cost;
      const next = open.reduce<(typeof open)[number] | null>(
        (least, one) => (least && costOf(least) <= costOf(one) ? least : one),
        null,
      );
      if (!next) return;
      const { work, days } = next;
      days.push(...work.play(days.length, work.step));
      this.#write(`days-${work.name}`, days);
      say(`${work.name}: ${days.length} of ${work.target} days`);
    }
  }

  #write(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    const file = this.#fileOf(name);
    if (!file) return void this.#inMemory.set(name, text);
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }

  #fileOf(name: string): string | null {
    return this.#folder && join(this.#folder, `${name.replace(/[^a-z0-9.-]+/gi, '_')}.json`);
  }
}
