import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import { fromBytes, toBytes, type NumberPage } from './number-pages.ts';
import type { NewScrubList, ScrubKind, ScrubList, ScrubState } from './scrub-list.ts';

const lookupBatch = 300;
const writeBatch = 200;

interface ListRow {
  id: number;
  kind: string;
  country: string;
  name: string;
  areas: string;
  scrubbed_on: string;
  state: string;
  revision: number;
  numbers: number;
  refused: number;
  file_name: string;
  file_path: string | null;
  job_id: string | null;
  failure: string | null;
  loaded_by: number | null;
  loaded_at: number;
  activated_at: number | null;
  retired_at: number | null;
}

interface PageRow {
  list_id: number;
  head: number;
  tails: Uint8Array;
  days: Uint8Array | null;
}

export type ScrubStore = ReturnType<typeof createScrubStore>;

/** All SQL for national and reassigned lists. Changes are told on the bus as `scrubs.changed`. */
export function createScrubStore({ db, bus }: Pick<App, 'db' | 'bus'>) {
  const lists = (at: Knex | Knex.Transaction = db.knex) => at<ListRow>('scrub_lists');
  const pages = (at: Knex | Knex.Transaction = db.knex) => at<PageRow>('scrub_pages');
  const told = (): void => bus.publish('scrubs.changed', {});

  async function create(given: NewScrubList, now: number): Promise<number> {
    return db.insertId('scrub_lists', {
      kind: given.kind,
      country: given.country,
      name: given.name,
      areas: given.areas.join(' '),
      scrubbed_on: given.scrubbedOn,
      state: 'loading',
      file_name: given.fileName.slice(0, 255),
      file_path: given.filePath ?? null,
      loaded_by: given.loadedBy,
      loaded_at: now,
    });
  }

  async function get(id: number): Promise<ScrubList | null> {
    const row = await lists().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** Files of lists that are being loaded, below the data folder. */
  async function openFiles(): Promise<string[]> {
    return (await lists()
      .where({ state: 'loading' })
      .whereNotNull('file_path')
      .pluck('file_path')) as string[];
  }

  async function list(limit = 200): Promise<ScrubList[]> {
    return (await lists().orderBy('id', 'desc').limit(limit)).map(fromRow);
  }

  async function active(at?: Knex | Knex.Transaction): Promise<ScrubList[]> {
    return (await lists(at).where({ state: 'active' }).orderBy('id')).map(fromRow);
  }

  /** Lists that were loaded, in force or retired within a period. */
  async function within(from: number, until: number): Promise<ScrubList[]> {
    const rows = await lists()
      .where('loaded_at', '<', until)
      .where((open) => open.whereNull('retired_at').orWhere('retired_at', '>=', from))
      .orderBy('id');
    return rows.map(fromRow);
  }

  async function setJob(id: number, jobId: string): Promise<void> {
    await lists().where({ id }).update({ job_id: jobId });
  }

  /** Writes pages over those that are there; the list's numbers are counted by `activate`. */
  async function writePages(
    listId: number,
    written: readonly NumberPage[],
    within?: Knex.Transaction,
  ): Promise<void> {
    for (let from = 0; from < written.length; from += writeBatch) {
      const part = written.slice(from, from + writeBatch);
      const write = async (trx: Knex.Transaction): Promise<void> => {
        await pages(trx).where({ list_id: listId }).whereIn('head', part.map(({ head }) => head)).delete(); // prettier-ignore
        const kept = part.filter(({ tails }) => tails.length > 0);
        if (kept.length > 0)
          await trx('scrub_pages').insert(
            kept.map(({ head, tails, days }) => ({
              list_id: listId,
              head,
              tails: toBytes(tails),
              days: days && toBytes(days),
            })),
          );
      };
      await (within ? write(within) : db.transaction(write));
    }
  }

  /**
   * A loaded list comes into force, and the one it replaces goes: same kind, country and name. False when it was not
   * being loaded any more.
   */
  async function activate(
    id: number,
    counts: { numbers: number; refused: number },
    now: number,
  ): Promise<boolean> {
    const done = await db.transaction(async (trx) => {
      const row = await lists(trx).where({ id }).first();
      if (!row) return false;
      const rows = await lists(trx)
        .where({ id, state: 'loading' })
        .update({ state: 'active', activated_at: now, ...counts });
      if (rows !== 1) return false;
      await lists(trx)
        .where({ kind: row.kind, country: row.country, name: row.name, state: 'active' })
        .whereNot({ id })
        .update({ state: 'retired', retired_at: now });
      return true;
    });
    if (done) told();
    return done;
  }

  /**
   * Writes changes into a list in force, all of them or none: pages, day and count are there together, and the load
   * that brought them is done. @throws ListGone when the list is not in force any more.
   */
  async function change(
    id: number,
    { loadId, scrubbedOn, now }: { loadId: number; scrubbedOn: string; now: number },
    write: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<void> {
    await db.transaction(async (trx) => {
      // Whoever else changes this list waits here, and then sees these pages.
      const locked = await lists(trx).where({ id, state: 'active' }).increment('revision', 1);
      if (locked !== 1) throw new ListGone();
      await write(trx);
      const numbers = await count(id, trx);
      await lists(trx).where({ id }).update({ numbers, scrubbed_on: scrubbedOn });
      await fail(loadId, 'merged', now, trx);
    });
    told();
  }

  async function fail(id: number, failure: string, now: number, trx?: Knex.Transaction): Promise<void> {
    await lists(trx)
      .where({ id, state: 'loading' })
      .update({ state: 'failed', failure: failure.slice(0, 255), retired_at: now });
  }

  async function retire(id: number, now: number): Promise<boolean> {
    const rows = await lists().where({ id, state: 'active' }).update({ state: 'retired', retired_at: now });
    if (rows === 1) told();
    return rows === 1;
  }

  /** Pages of a list that hold some of the heads; absent ones hold no number. */
  async function pagesOf(listIds: readonly number[], heads: readonly number[], at?: Knex | Knex.Transaction) {
    const found = new Map<string, NumberPage>();
    for (let from = 0; from < heads.length; from += lookupBatch) {
      const rows = await pages(at)
        .whereIn('list_id', [...listIds])
        .whereIn('head', heads.slice(from, from + lookupBatch));
      for (const row of rows) found.set(`${row.list_id} ${row.head}`, pageFromRow(row));
    }
    return (listId: number, head: number): NumberPage | null => found.get(`${listId} ${head}`) ?? null;
  }

  /** Every page of a list in the order of heads, a part at a time. */
  async function* allPages(listId: number, partSize = 4_000): AsyncGenerator<NumberPage[]> {
    for (let after = -1; ;) {
      const rows = await pages()
        .where({ list_id: listId })
        .where('head', '>', after)
        .orderBy('head')
        .limit(partSize);
      if (rows.length === 0) return;
      after = Number(rows.at(-1)!.head);
      yield rows.map(pageFromRow);
    }
  }

  /** How many numbers a list holds, by its pages. */
  async function count(listId: number, at: Knex | Knex.Transaction = db.knex): Promise<number> {
    const rows: { bytes: number | string | null }[] = await at('scrub_pages')
      .where({ list_id: listId })
      .select(db.knex.raw('sum(length(tails)) as bytes'));
    return Number(rows[0]?.bytes ?? 0) / 2;
  }

  /** Pages of lists that nobody asks for any more. */
  async function dropPages(listId: number): Promise<void> {
    await pages().where({ list_id: listId }).delete();
  }

  return {
    create, get, openFiles, list, active, within, setJob, writePages, activate, change, fail, retire, pagesOf, allPages, count,
    dropPages,
  }; // prettier-ignore
}

/** Changes came to a list that has been replaced or retired meanwhile. */
export class ListGone extends Error {
  constructor() {
    super('the list is not in force any more');
  }
}

function pageFromRow({ head, tails, days }: PageRow): NumberPage {
  return { head: Number(head), tails: fromBytes(tails), days: days && fromBytes(days) };
}

function fromRow(row: ListRow): ScrubList {
  return {
    id: row.id,
    kind: row.kind as ScrubKind,
    country: row.country,
    name: row.name,
    areas: row.areas.split(' ').filter(Boolean),
    scrubbedOn: row.scrubbed_on,
    state: row.state as ScrubState,
    revision: row.revision,
    numbers: row.numbers,
    refused: row.refused,
    fileName: row.file_name,
    filePath: row.file_path,
    jobId: row.job_id,
    failure: row.failure,
    loadedBy: row.loaded_by,
    loadedAt: row.loaded_at,
    activatedAt: row.activated_at,
    retiredAt: row.retired_at,
  };
}
