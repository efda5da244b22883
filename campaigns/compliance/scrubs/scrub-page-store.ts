import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import { fromBytes, sharedTails, toBytes, type NumberPage } from './number-pages.ts';

const lookupBatch = 300;
const writeBatch = 200;
const pagesAtOnce = 4_000;
const countedAtOnce = 100;

const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface PageRow {
  list_id: number;
  head: number;
  tails: Uint8Array;
  days: Uint8Array | null;
}

/** All SQL for the numbers of lists. On SQLite each statement holds everybody up: none is long. */
export function createScrubPages({ db }: Pick<App, 'db'>) {
  const pages = (at: Knex | Knex.Transaction = db.knex) => at<PageRow>('scrub_pages');

  /** Writes pages over those that are there; the list's numbers are counted when it is to come into force. */
  async function writePages(listId: number, written: readonly NumberPage[]): Promise<void> {
    for (let from = 0; from < written.length; from += writeBatch) {
      const part = written.slice(from, from + writeBatch);
      const kept = part.filter(({ tails }) => tails.length > 0);
      await db.transaction(async (trx) => {
        await pages(trx).where({ list_id: listId }).whereIn('head', part.map(({ head }) => head)).delete(); // prettier-ignore
        if (kept.length > 0)
          await trx('scrub_pages').insert(
            kept.map(({ head, tails, days }) => ({
              list_id: listId,
              head,
              tails: toBytes(tails),
              days: days && toBytes(days),
            })),
          );
      });
    }
  }

  /** Pages of lists that hold some of the heads; absent ones hold no number. */
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
  async function* allPages(listId: number, partSize = pagesAtOnce): AsyncGenerator<NumberPage[]> {
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
  async function count(listId: number): Promise<number> {
    let numbers = 0;
    for await (const part of allPages(listId, countedAtOnce)) {
      for (const { tails } of part) numbers += tails.length;
      await breath();
    }
    return numbers;
  }

  /** How many numbers of one list are in another. */
  async function countShared(listId: number, otherId: number): Promise<number> {
    let shared = 0;
    for await (const part of allPages(listId, countedAtOnce)) {
      const pageOf = await pagesOf([otherId], part.map(({ head }) => head)); // prettier-ignore
      for (const { head, tails } of part) shared += sharedTails(tails, pageOf(otherId, head)?.tails);
      await breath();
    }
    return shared;
  }

  /** Removes the numbers of a list that nobody asks for any more. */
  async function dropPages(listId: number): Promise<void> {
    for (;;) {
      const heads = await pages().where({ list_id: listId }).orderBy('head').limit(writeBatch).pluck('head');
      if (heads.length === 0) return;
      await pages().where({ list_id: listId }).whereIn('head', heads).delete();
      await breath();
    }
  }

  return { writePages, pagesOf, allPages, count, countShared, dropPages };
}

function pageFromRow({ head, tails, days }: PageRow): NumberPage {
  return { head: Number(head), tails: fromBytes(tails), days: days && fromBytes(days) };
}
