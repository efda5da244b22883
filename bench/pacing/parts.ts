import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Results of the bench part by part, kept in a folder where one is given. */
export class Parts {
  readonly #folder: string | null;
  readonly #only: string | null;

  constructor(folder: string | null, only: string | null) {
    this.#folder = folder;
    this.#only = only;
    if (folder) mkdirSync(folder, { recursive: true });
  }

  /** Whether only some parts are played, which is no report. */
  get isPartial(): boolean {
    return this.#only !== null;
  }

  /** The part as it was kept, or else as `play` makes it; undefined for one that is left out. */
  of<T>(name: string, play: () => T): T | undefined {
    const file = this.#folder && join(this.#folder, `${name.replace(/[^a-z0-9.-]+/gi, '_')}.json`);
    if (file && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as T;
    if (this.#only !== null && !name.startsWith(this.#only)) return undefined;
    const made = play();
    if (file) writeFileSync(file, JSON.stringify(made));
    return made;
  }
}
