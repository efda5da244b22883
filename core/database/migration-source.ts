import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Knex } from 'knex';

/**
 * The migrations of one folder, named without their extension, so that a schema begun under the TypeScript loader and
 * one begun from built JavaScript are the same to Knex.
 */
export class FolderMigrationSource implements Knex.MigrationSource<string> {
  readonly #folder: string;
  #files = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async getMigrations(): Promise<string[]> {
    this.#files.clear();
    for (const file of await readdir(this.#folder)) {
      const match = /^(\d.*?)\.(ts|js)$/.exec(file);
      if (match && !file.endsWith('.d.ts')) this.#files.set(match[1]!, file);
    }
    return [...this.#files.keys()].sort();
  }

  getMigrationName(name: string): string {
    return name;
  }

  async getMigration(name: string): Promise<Knex.Migration> {
    const file = this.#files.get(name);
    if (!file)
      throw new Error(`migration ${name} is recorded in the database but missing from ${this.#folder}`);
    const module = (await import(pathToFileURL(join(this.#folder, file)).href)) as Knex.Migration;
    if (typeof module.up !== 'function') throw new Error(`migration ${file} exports no function "up"`);
    return module;
  }
}
