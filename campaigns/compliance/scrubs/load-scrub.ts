import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../../core/app.ts';
import { mergePages, PageBuilder, type NumberPage } from './number-pages.ts';
import { parseDay } from '../../../core/time/local-day.ts';
import { createLineReader, textLines, toListDay } from './scrub-file.ts';
import type { ScrubList } from './scrub-list.ts';
import { createScrubStore } from './scrub-store.ts';

export const loadScrubJob = 'compliance.load-scrub';

export interface ScrubLoad {
  readonly listId: number;
  /** Below the data folder. */
  readonly filePath: string;
  /** Changes to a list in force; null: a list of its own. */
  readonly changesOf: number | null;
}

const pagesAtOnce = 200;
/** Reading is this part of the work; the rest is writing. */
const readingShare = 60;

/** Loads official lists as jobs: read, put in order, written page by page, and in force only when all of it is there. */
export function createScrubLoader(app: App) {
  const store = createScrubStore(app);

  async function load(
    { listId, filePath, changesOf }: ScrubLoad,
    { signal, progress }: { signal: AbortSignal; progress(percent: number): Promise<void> },
  ): Promise<void> {
    const list = await store.get(listId);
    const path = join(app.config.dataDir, filePath);
    if (list?.state !== 'loading') return rm(path, { force: true });
    try {
      const withDays = list.kind === 'reassigned';
      const added = new PageBuilder({ withDays });
      const removed = new PageBuilder();
      const { lines, refused } = await read(path, list, { added, removed }, signal, progress);
      if (lines === refused) throw new EmptyScrub();
      const heads = [...new Set([...added.heads(), ...removed.heads()])].sort((a, b) => a - b);
      const parts = Array.from({ length: Math.ceil(heads.length / pagesAtOnce) }, (_, part) =>
        heads.slice(part * pagesAtOnce, (part + 1) * pagesAtOnce),
      );
      if (changesOf === null) {
        for (const [done, part] of parts.entries()) {
          signal.throwIfAborted();
          await store.writePages(
            listId,
            part.map((head) => merged(null, head)),
          );
          await progress(readingShare + ((100 - readingShare) * done) / parts.length);
        }
        await store.activate(listId, { numbers: await store.count(listId), refused }, app.clock.now());
      } else {
        const load = { loadId: listId, scrubbedOn: list.scrubbedOn, now: app.clock.now() };
        await store.change(changesOf, load, async (trx) => {
          for (const part of parts) {
            signal.throwIfAborted();
            const before = await store.pagesOf([changesOf], part, trx);
            await store.writePages(
              changesOf,
              part.map((head) => merged(before(changesOf, head), head)),
              trx,
            );
          }
        });
      }

      function merged(was: NumberPage | null, head: number): NumberPage {
        const page = added.page(head);
        const less = removed.page(head);
        return was || less.tails.length > 0 ? mergePages(was, page, less) : page;
      }
    } catch (error) {
      const empty = error instanceof EmptyScrub;
      // Cut off by the end of the process: it is begun anew, and needs its file.
      if (signal.aborted && !empty && (await store.get(listId))?.state === 'loading') throw error;
      await store.fail(listId, empty ? 'no-numbers' : String(error), app.clock.now());
      await rm(path, { force: true });
      if (!empty) throw error;
    }
    await rm(path, { force: true });
  }

  async function read(
    path: string,
    { country, scrubbedOn }: Pick<ScrubList, 'country' | 'scrubbedOn'>,
    { added, removed }: { added: PageBuilder; removed: PageBuilder },
    signal: AbortSignal,
    progress: (percent: number) => Promise<void>,
  ): Promise<{ lines: number; refused: number }> {
    const { size } = await stat(path);
    const readLine = createLineReader(country);
    // A number that came without a day was given back by the day of the data at the latest.
    const latestDay = toListDay(parseDay(scrubbedOn));
    const source = createReadStream(path, { highWaterMark: 256 * 1024 });
    let lines = 0;
    let refused = 0;
    let shown = 0;
    for await (const part of textLines(source)) {
      signal.throwIfAborted();
      for (const line of part) {
        if (line.trim() === '') continue;
        const found = readLine(line);
        if (!found && lines === 0 && !/\d{5}/.test(line)) continue; // A heading.
        lines += 1;
        if (!found) refused += 1;
        else if (found.removed) removed.add(found.numeric);
        else added.add(found.numeric, found.listDay || latestDay);
      }
      const percent = Math.floor((source.bytesRead / Math.max(1, size)) * readingShare);
      if (percent > shown) await progress((shown = percent));
      // Calls of the same process go on meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { lines, refused };
  }

  return {
    load,
    define: () => app.jobs.define<ScrubLoad>(loadScrubJob, (job) => load(job.data, job)),
  };
}

class EmptyScrub extends Error {
  constructor() {
    super('the file holds no numbers');
  }
}
