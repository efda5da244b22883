import type { App } from '../../../core/app.ts';
import type { Queryable } from '../../../core/database/database.ts';
import { headOf, indexIn, NumberTable, pageSpan, toNumeric, type NumberPage } from './number-pages.ts';
import { fromListDay } from './scrub-file.ts';
import { covers, listCountryOf, mayHold, type ScrubList } from './scrub-list.ts';
import { createScrubStore } from './scrub-store.ts';

/** What official lists say of one number. */
export interface ScrubFacts {
  /** On a national list. */
  readonly listed: boolean;
  /**
   * The oldest of the national data that speak of the number, `YYYY-MM-DD`; null: none does. Each register has to be
   * fresh: a new list of one does not make old data of another so.
   */
  readonly scrubbedOn: string | null;
  /** Its country has lists here, and none of them speaks of its area, or one of either kind that does was misread. */
  readonly uncovered: boolean;
  /** Days since 1970-01-01 on which it was given back; null: not known to be. */
  readonly reassignedOn: number | null;
}

/** Where the gate looks numbers up. */
export interface ScrubIndex {
  /** Which lists are in force is read anew each time, so that no lost message can hide one. */
  lookUp(numbers: readonly string[], at?: Queryable): Promise<ScrubFacts[]>;
}

const nobody: ScrubFacts = { listed: false, scrubbedOn: null, uncovered: false, reassignedOn: null };

type Finder = (list: ScrubList, numeric: number) => number | null;

/** Looks into the pages of the database: for those who ask seldom. */
export function createScrubIndex(app: Pick<App, 'db' | 'bus'>): ScrubIndex {
  const store = createScrubStore(app);
  return {
    async lookUp(numbers, at) {
      const lists = await store.active(at);
      if (lists.length === 0) return numbers.map(() => nobody);
      return answer(numbers, lists, await finderOf(store, lists, numbers, at));
    },
  };
}

export interface ScrubMemory extends ScrubIndex {
  /** Loads what is in force and not here yet. Called by itself whenever lists change. */
  refresh(): Promise<void>;
  readonly bytes: number;
  close(): void;
}

/**
 * Keeps the lists in force in memory, for a process that asks all the time. A list that is not here in its newest
 * revision is looked up in the database meanwhile.
 */
export function createScrubMemory(app: Pick<App, 'db' | 'bus' | 'log'>): ScrubMemory {
  const store = createScrubStore(app);
  const tables = new Map<string, NumberTable>();
  let loading: Promise<void> | null = null;
  let again = false;

  const refresh = (): Promise<void> => {
    if (loading) again = true;
    loading ??= loadAll().finally(() => {
      loading = null;
    });
    return loading;
  };

  async function loadAll(): Promise<void> {
    do {
      again = false;
      const lists = await store.active();
      const wanted = new Set(lists.map(keyOf));
      for (const list of lists) {
        if (tables.has(keyOf(list))) continue;
        const pages: NumberPage[] = [];
        for await (const part of store.allPages(list.id)) {
          for (const page of part) pages.push(page);
          await new Promise((resolve) => setImmediate(resolve));
        }
        tables.set(keyOf(list), new NumberTable(pages));
      }
      for (const key of tables.keys()) if (!wanted.has(key)) tables.delete(key);
    } while (again);
  }

  const inBackground = (): void => {
    refresh().catch((error: unknown) =>
      app.log.warn({ error: String(error) }, 'official lists could not be read into memory'),
    );
  };
  const stops = [app.bus.subscribe('scrubs.changed', inBackground)];
  app.bus.onReconnect(inBackground);

  return {
    refresh,
    async lookUp(numbers) {
      const lists = await store.active();
      if (lists.length === 0) return numbers.map(() => nobody);
      const absent = lists.filter((list) => !tables.has(keyOf(list)));
      const inDatabase = absent.length > 0 ? await finderOf(store, absent, numbers) : null;
      if (absent.length > 0) inBackground();
      return answer(numbers, lists, (list, numeric) => {
        const table = tables.get(keyOf(list));
        return table ? table.dayOf(numeric) : (inDatabase?.(list, numeric) ?? null);
      });
    },
    get bytes() {
      return [...tables.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    },
    close: () => stops.forEach((stop) => stop()),
  };
}

function keyOf({ id, revision }: ScrubList): string {
  return `${id}.${revision}`;
}

async function finderOf(
  store: ReturnType<typeof createScrubStore>,
  lists: readonly ScrubList[],
  numbers: readonly string[],
  at?: Queryable,
): Promise<Finder> {
  const heads = [...new Set(numbers.map((e164) => headOf(toNumeric(e164))))].filter(Number.isFinite);
  const pageOf = await store.pagesOf(lists.map(({ id }) => id), heads, at); // prettier-ignore
  return ({ id }, numeric) => {
    const head = headOf(numeric);
    const page = pageOf(id, head);
    const index = page ? indexIn(page.tails, numeric - head * pageSpan) : -1;
    return index < 0 ? null : (page?.days?.[index] ?? 0);
  };
}

function answer(numbers: readonly string[], lists: readonly ScrubList[], find: Finder): ScrubFacts[] {
  const countries = new Set(lists.filter(({ kind }) => kind === 'national').map(({ country }) => country));
  return numbers.map((e164) => {
    const numeric = toNumeric(e164);
    let listed = false;
    let scrubbedOn: string | null = null;
    let reassignedOn: number | null = null;
    let misread = false;
    for (const list of lists) {
      const isCovered = covers(list, e164);
      if (!isCovered && !mayHold(list, e164)) continue;
      const day = find(list, numeric);
      misread ||= isCovered && list.misread;
      if (list.kind === 'national') {
        listed ||= day !== null;
        if (!isCovered) continue;
        if (scrubbedOn === null || list.scrubbedOn < scrubbedOn) ({ scrubbedOn } = list);
      } else if (day !== null) reassignedOn = Math.max(reassignedOn ?? 0, fromListDay(day));
    }
    const uncovered = misread || (scrubbedOn === null && countries.has(listCountryOf(e164) ?? ''));
    return { listed, scrubbedOn, uncovered, reassignedOn };
  });
}
