import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../../core/app.ts';
import { mergePages, PageBuilder, type NumberPage } from './number-pages.ts';
import { parseDay } from '../../../core/time/local-day.ts';
import { doubtsOf } from './scrub-doubts.ts';
import { createLineReader, textLines, toListDay } from './scrub-file.ts';
import { putBackWithinMs, type ScrubList } from './scrub-list.ts';
import { createScrubProposals } from './scrub-proposal-store.ts';
import { createScrubStore } from './scrub-store.ts';

export const loadScrubJob = 'compliance.load-scrub';

export interface ScrubLoad {
  readonly listId: number;
  /** Below the data folder; null: the numbers of a list that has gone. */
  readonly filePath: string | null;
  /** Changes to a list in force; null: a list of its own. */
  readonly changesOf: number | null;
  /** A list that has gone, whose numbers come back. */
  readonly putBack?: number | null;
}

interface ReadLines {
  readonly lines: number;
  readonly refused: number;
  readonly removals: number;
}

interface Run {
  readonly signal: AbortSignal;
  progress(percent: number): Promise<void>;
}

/** Calls of the same process, and of others on SQLite, go on between two pieces. */
const pagesAtOnce = 50;
/** Reading is this part of the work; the rest is writing. */
const readingShare = 60;
/** A day more than it may be put back: what is being put back is not taken away. */
const sweptAfterMs = putBackWithinMs + 86_400_000;

/**
 * Loads official lists as jobs: read, put in order, written page by page beside the list in force, and in force only
 * when all of it is there, and when somebody else has agreed where it would take numbers away.
 */
export function createScrubLoader(app: App) {
  const store = createScrubStore(app);
  const proposals = createScrubProposals(app);

  async function load(given: ScrubLoad, run: Run): Promise<void> {
    const { listId } = given;
    const list = await store.get(listId);
    const path = given.filePath === null ? null : join(app.config.dataDir, given.filePath);
    const discard = async () => path !== null && rm(path, { force: true });
    if (list?.state !== 'loading') return void (await discard());
    try {
      const added = new PageBuilder({ withDays: list.kind === 'reassigned' });
      const removed = new PageBuilder();
      const nothing: ReadLines = { lines: 0, refused: 0, removals: 0 };
      const found = path === null ? nothing : await read(path, list, { added, removed }, run);
      if (path !== null && found.lines === found.refused) throw new RefusedScrub('no-numbers');
      while ((await bring(list, given, found, { added, removed }, run)) === 'replaced') run.signal.throwIfAborted(); // prettier-ignore
    } catch (error) {
      const refused = error instanceof RefusedScrub;
      // Cut off by the end of the process: it is begun anew, and needs its file.
      if (run.signal.aborted && !refused && (await store.get(listId))?.state === 'loading') throw error;
      await store.fail(listId, refused ? error.code : String(error), app.clock.now());
      await discard();
      if (!refused) throw error;
    }
    await discard();
  }

  /** Writes the list, compares it with the one in force, and takes that one's place or waits for somebody to say so. */
  async function bring(
    list: ScrubList,
    { changesOf, putBack = null }: ScrubLoad,
    { lines, refused, removals }: ReadLines,
    { added, removed }: { added: PageBuilder; removed: PageBuilder },
    run: Run,
  ): Promise<'done' | 'gone' | 'replaced'> {
    const standing = await store.inForce(list);
    if (changesOf !== null && !(standing && (await store.isMadeFrom(standing, changesOf)))) throw new ListGone(); // prettier-ignore
    // Whether what waits is part of the list is for somebody to say first: these would leave it out for good.
    if (changesOf !== null && (await store.waits(list))) throw new RefusedScrub('list-waits');
    const base = putBack === null ? (changesOf === null ? null : standing) : await store.get(putBack);
    if (base?.misread) throw new RefusedScrub('misread');
    await write(list.id, base?.id ?? null, added, removed, run);
    const numbers = await store.count(list.id);
    if (numbers === 0) throw new RefusedScrub('no-numbers');
    if (putBack !== null && numbers !== base?.numbers) throw new RefusedScrub('not-whole');
    const before = standing ?? (await store.lastInForce(list));
    const isWhole = changesOf === null && putBack === null;
    const loss = before && (await lossOf(before, { id: list.id, numbers, isWhole }));
    const doubts = doubtsOf({
      areas: list.areas,
      before: before && { areas: before.areas, numbers: loss!.from, kept: Math.max(0, loss!.from - loss!.taken) }, // prettier-ignore
      ...{ lines, refused, removals: changesOf === null ? removals : 0 },
    });
    // What came whole, or what two have agreed on, is counted from anew.
    const goesOn = !isWhole && loss !== null && doubts.length === 0;
    const since = goesOn ? { taken: loss.taken, counted_from: loss.from } : { taken: 0, counted_from: null };
    const counts = { numbers, refused, ...since };
    const replaces = standing?.id ?? null;
    const now = app.clock.now();
    run.signal.throwIfAborted();
    if (doubts.length === 0) return store.activate(list.id, { from: 'loading', replaces, counts, now });
    return proposals.propose(list.id, { replaces, counts, doubts, by: list.loadedBy, now });
  }

  /** What is taken away from the list before; changes that take a little each are counted together. */
  async function lossOf(
    before: ScrubList,
    { id, numbers, isWhole }: { id: number; numbers: number; isWhole: boolean },
  ): Promise<{ from: number; taken: number }> {
    // Of one that went long ago only its size is known.
    const isThere = before.state === 'active' || (await store.count(before.id)) === before.numbers;
    const kept = isThere ? await store.countShared(before.id, id) : Math.min(numbers, before.numbers);
    const lost = before.numbers - kept;
    return isWhole ? { from: before.numbers, taken: lost } : { from: before.countedFrom, taken: before.taken + lost }; // prettier-ignore
  }

  /** A list as its file has it, or another with what the file adds and removes. */
  async function write(
    listId: number,
    base: number | null,
    added: PageBuilder,
    removed: PageBuilder,
    { signal, progress }: Run,
  ): Promise<void> {
    // Of a load that was cut off, or of the list before the one that is in force now.
    await store.dropPages(listId);
    const merged = (was: NumberPage | null, head: number): NumberPage => {
      const page = added.page(head);
      const less = removed.page(head);
      return was || less.tails.length > 0 ? mergePages(was, page, less) : page;
    };
    const left = new Set([...added.heads(), ...removed.heads()]);
    if (base !== null)
      for await (const part of store.allPages(base, pagesAtOnce)) {
        signal.throwIfAborted();
        const pages = part.map((page) => (left.delete(page.head) ? merged(page, page.head) : page));
        await store.writePages(listId, pages);
        await breath();
      }
    const heads = [...left].sort((a, b) => a - b);
    for (let from = 0; from < heads.length; from += pagesAtOnce) {
      signal.throwIfAborted();
      const pages = heads.slice(from, from + pagesAtOnce).map((head) => merged(null, head));
      await store.writePages(listId, pages);
      await breath();
      await progress(readingShare + ((100 - readingShare) * from) / heads.length);
    }
  }

  async function read(
    path: string,
    { country, scrubbedOn }: Pick<ScrubList, 'country' | 'scrubbedOn'>,
    { added, removed }: { added: PageBuilder; removed: PageBuilder },
    { signal, progress }: Run,
  ): Promise<ReadLines> {
    const { size } = await stat(path);
    const readLine = createLineReader(country);
    // A number that came without a day was given back by the day of the data at the latest.
    const latestDay = toListDay(parseDay(scrubbedOn));
    const source = createReadStream(path, { highWaterMark: 256 * 1024 });
    let lines = 0;
    let refused = 0;
    let removals = 0;
    let shown = 0;
    for await (const part of textLines(source)) {
      signal.throwIfAborted();
      for (const line of part) {
        if (line.trim() === '') continue;
        const found = readLine(line);
        if (!found && lines === 0 && !/\d{5}/.test(line)) continue; // A heading.
        lines += 1;
        if (!found) refused += 1;
        else if (found.removed) {
          removals += 1;
          removed.add(found.numeric);
        } else added.add(found.numeric, found.listDay || latestDay);
      }
      const percent = Math.floor((source.bytesRead / Math.max(1, size)) * readingShare);
      if (percent > shown) await progress((shown = percent));
      await breath();
    }
    return { lines, refused, removals };
  }

  /** Removes the numbers of lists that are not put back any more. */
  async function sweep(): Promise<void> {
    for (const id of await store.withPagesOfGone(app.clock.now() - sweptAfterMs)) await store.dropPages(id);
  }

  return {
    load,
    sweep,
    define: () => app.jobs.define<ScrubLoad>(loadScrubJob, (job) => load(job.data, job)),
  };
}

const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Changes came to a list that has been replaced or retired meanwhile. */
class ListGone extends Error {
  constructor() {
    super('the list is not in force any more');
  }
}

/** Nothing is wrong with the work: the page says why the list stays out, and what to do. */
class RefusedScrub extends Error {
  readonly code: 'no-numbers' | 'list-waits' | 'not-whole' | 'misread';
  constructor(code: RefusedScrub['code']) {
    super(code);
    this.code = code;
  }
}
