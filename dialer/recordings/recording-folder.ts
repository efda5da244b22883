import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { App } from '../../core/app.ts';

/** Below the data folder. */
export const recordingFolder = 'recordings';
/** Lies in the folder of recordings, and not in an empty one that stands in its place while its share is not mounted. */
const mark = join(recordingFolder, '.ringwise');
const looked = 20;

export class FolderAway extends Error {
  constructor(folder: string) {
    super(`the recordings are not in ${folder}: is their share mounted?`);
    this.name = 'FolderAway';
  }
}

/** Whether the folder of recordings is there: that a file is not in it says something only then. */
export function createRecordingFolder(app: Pick<App, 'config' | 'db'>) {
  const at = (path: string) => join(app.config.dataDir, path);
  const exists = (path: string) =>
    access(at(path)).then(
      () => true,
      () => false,
    );

  /** Marks a folder that has no mark yet where nothing was stored so far, or where what was stored last is found. */
  async function isThere(): Promise<boolean> {
    if (await exists(mark)) return true;
    const rows = (await app.db
      .knex('recordings')
      .whereIn('state', ['stored', 'deleting'])
      .whereNotNull('path')
      .orderBy('id', 'desc')
      .limit(looked)
      .select('path')) as { path: string }[];
    const found = await Promise.all(rows.map(({ path }) => exists(path)));
    if (rows.length > 0 && !found.includes(true)) return false;
    await accept();
    return true;
  }

  /** @throws FolderAway */
  async function demand(): Promise<void> {
    if (!(await isThere())) throw new FolderAway(at(recordingFolder));
  }

  /** For who has just found it there, whether it still is. @throws FolderAway */
  async function demandStill(): Promise<void> {
    if (!(await exists(mark))) throw new FolderAway(at(recordingFolder));
  }

  /** From now on this is the folder of recordings, whatever is in it. */
  async function accept(): Promise<void> {
    await mkdir(dirname(at(mark)), { recursive: true });
    await writeFile(at(mark), 'Recordings of Ringwise are kept here. Without this file none is deleted.\n');
  }

  return { isThere, demand, demandStill, accept };
}
