import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { CustomerFields } from './customer.ts';
import { loadLine } from '../../core/database/bulk-load.ts';
import { customerLine, lineColumns } from './customer-line.ts';
import { fieldsToRow } from './customer-row.ts';
import { createTermStore } from './customer-terms.ts';
import { termsOf } from './search-terms.ts';

/** Fewer are inserted in the plain way: setting ids aside costs more than it saves. */
const worthLoading = 200;
const idsSetAside = 20_000;

const columns = ['id', 'revision', 'origin_id', 'created_at', 'updated_at', ...lineColumns];

/** A customer of a file, of whom only is read what is asked for. */
export interface PreparedCustomer {
  readonly fields: CustomerFields;
  readonly key: Pick<CustomerFields, 'phones' | 'tags'>;
  /** Of `customerLine`; null: it was not made. */
  readonly line: string | null;
}

export interface InsertOptions {
  /** The search by parts of names and numbers learns of them from a job, if they are many: see `customer-index.ts`. */
  readonly searchLater?: boolean;
  /** What made them all: see `TimelineStore.originOf`. */
  readonly originId?: number | null;
}

/** Inserting customers that are known to be new. */
export function createCustomerInserter(app: Pick<App, 'db'>) {
  const { db } = app;
  const terms = createTermStore(app);
  const aside = { next: 0, end: 0 };

  /** The same for those of a file, whom the search learns of later. Returns their ids, in order. */
  async function insertPrepared(
    customers: readonly PreparedCustomer[],
    now: number,
    trx: Knex.Transaction,
    originId: number | null,
  ): Promise<number[]> {
    const isLoaded = db.engine === 'mariadb' && customers.length >= worthLoading;
    if (isLoaded) return loadMany(customers, now, trx, true, originId);
    return insertMany(customers.map(({ fields }) => fields), now, trx, { searchLater: true, originId }); // prettier-ignore
  }

  /** Returns their ids, in order. */
  async function insertMany(
    customers: readonly CustomerFields[],
    now: number,
    trx: Knex.Transaction,
    { searchLater = false, originId = null }: InsertOptions = {},
  ): Promise<number[]> {
    if (db.engine === 'mariadb' && customers.length >= worthLoading)
      return loadMany(customers.map(prepared), now, trx, searchLater, originId);
    const ids: number[] = [];
    for (let from = 0; from < customers.length; from += 400)
      ids.push(...(await insertBatch(customers.slice(from, from + 400), now, trx, originId)));
    await insertTerms(customers, ids, trx);
    return ids;
  }

  const insertTerms = (customers: readonly CustomerFields[], ids: readonly number[], trx: Knex.Transaction) =>
    terms.insert(
      customers.flatMap((fields, index) =>
        termsOf(fields).map((term): [string, number] => [term, ids[index]!]),
      ),
      trx,
    );

  async function loadMany(
    customers: readonly PreparedCustomer[],
    now: number,
    trx: Knex.Transaction,
    searchLater: boolean,
    originId: number | null,
  ): Promise<number[]> {
    const first = await takeIds(customers.length, trx);
    const ids = customers.map((_, index) => first + index);
    const came = loadLine([0, originId, now, now]);
    const rows = customers.map(
      (customer, index) => `${ids[index]!}\t${came}\t${customer.line ?? customerLine(customer.fields)}`,
    );
    await db.load('customers', columns, rows, trx);
    await writeParts(customers.map(({ key }) => key), ids, trx); // prettier-ignore
    if (searchLater) await terms.putOff(first, ids.at(-1)!, trx);
    else await insertTerms(customers.map(({ fields }) => fields), ids, trx); // prettier-ignore
    return ids;
  }

  async function takeIds(count: number, trx: Knex.Transaction): Promise<number> {
    if (aside.end - aside.next < count) {
      const size = count < 1_000 ? count : Math.max(count, idsSetAside);
      const first = await db.reserveIds('customers', size, trx);
      if (size === count) return first;
      [aside.next, aside.end] = [first, first + size];
    }
    const first = aside.next;
    aside.next += count;
    return first;
  }

  async function insertBatch(
    customers: readonly CustomerFields[],
    now: number,
    trx: Knex.Transaction,
    originId: number | null,
  ): Promise<number[]> {
    const came = { origin_id: originId, created_at: now, updated_at: now };
    const rows = customers.map((fields) => ({ ...fieldsToRow(fields), ...came }));
    const [reported] = await trx('customers').insert(rows);
    const ids = await idsOfInsert(trx, Number(reported), rows.length);
    await writeParts(customers, ids, trx);
    return ids;
  }

  /** MariaDB reports the first id of a statement, SQLite the last; within one statement they follow each other. */
  async function idsOfInsert(trx: Knex.Transaction, reported: number, count: number): Promise<number[]> {
    if (db.engine === 'sqlite') return Array.from({ length: count }, (_, i) => reported - count + 1 + i);
    const [[variables]] = await trx.raw('select @@auto_increment_increment as step');
    const { step } = variables as { step: number };
    return Array.from({ length: count }, (_, i) => reported + i * step);
  }

  async function writeParts(
    customers: readonly Pick<CustomerFields, 'phones' | 'tags'>[],
    ids: readonly number[],
    trx: Knex.Transaction,
  ): Promise<void> {
    const phones = customers.flatMap(({ phones: all }, index) =>
      all.map(({ e164, type }, position) => [ids[index]!, e164, type, position]),
    );
    const tags = customers.flatMap(({ tags: all }, index) =>
      [...new Set(all)].map((tag) => [ids[index]!, tag]),
    );
    await db.load('customer_phones', ['customer_id', 'e164', 'type', 'position'], phones, trx);
    await db.load('customer_tags', ['customer_id', 'tag'], tags, trx);
  }

  return { insertMany, insertPrepared };
}

const prepared = (fields: CustomerFields): PreparedCustomer => ({ fields, key: fields, line: null });
