import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { countUpTo, cursorAfter, partOf, type Part } from '../../core/http/index.ts';
import type { Customer } from './customer.ts';
import { customerFromRow, type CustomerRow, type PhoneRow } from './customer-row.ts';
import { findCustomers, narrowTo } from './customer-search.ts';
import { regionSpellings } from './region-words.ts';
import { fold, queryWords } from './search-terms.ts';

/** Tags and languages that are offered at most. */
const mostDistinct = 500;

export interface CustomerFilter {
  /** Words to find in names and numbers. */
  readonly search?: string;
  readonly tag?: string;
  readonly language?: string;
  /** An address region, or the beginning of one: `US`, `US-NY`, `US-100`. */
  readonly region?: string;
}

export interface CustomerPage extends Part {
  readonly sort: 'name' | 'id' | 'updatedAt';
  readonly direction: 'asc' | 'desc';
}

/** Reading customers: one, many, a filtered page, a search. */
export function createCustomerReader(app: Pick<App, 'db'>) {
  const { db } = app;

  async function get(id: number, trx?: Knex.Transaction): Promise<Customer | null> {
    return (await getMany([id], trx))[0] ?? null;
  }

  /** In the order of `ids`; those that do not exist are left out. Three queries, however many. */
  async function getMany(
    ids: readonly number[],
    trx: Knex | Knex.Transaction = db.knex,
  ): Promise<Customer[]> {
    if (ids.length === 0) return [];
    const rows: CustomerRow[] = await trx('customers').whereIn('id', [...ids]);
    const phones: PhoneRow[] = await trx('customer_phones')
      .whereIn('customer_id', [...ids])
      .orderBy(['customer_id', 'position', 'e164']);
    const tags: { customer_id: number; tag: string }[] = await trx('customer_tags')
      .whereIn('customer_id', [...ids])
      .orderBy('tag');
    const phonesOf = groupBy(phones);
    const tagsOf = groupBy(tags);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return [...new Set(ids)].flatMap((id) => {
      const row = byId.get(id);
      if (!row) return [];
      return [
        customerFromRow(
          row,
          phonesOf.get(id) ?? [],
          (tagsOf.get(id) ?? []).map(({ tag }) => tag),
        ),
      ];
    });
  }

  /** Customers in whose names and numbers all words of `text` occur, the closest match first. */
  async function search(text: string, limit = 20): Promise<Customer[]> {
    return (await searchWithin(text, limit)).customers;
  }

  /** The same, and whether words were so common that not every customer was looked at. */
  async function searchWithin(
    text: string,
    limit: number,
  ): Promise<{ customers: Customer[]; partial: boolean }> {
    const found = await findCustomers(db, text, Math.max(limit * 4, 60));
    const customers = await getMany(found.ids);
    const words = queryWords(text);
    const ranked = customers
      .map((customer) => ({ customer, rank: rankOf(customer, words) }))
      .sort((a, b) => a.rank - b.rank || a.customer.name.localeCompare(b.customer.name));
    return { customers: ranked.slice(0, limit).map(({ customer }) => customer), partial: found.partial };
  }

  async function list(filter: CustomerFilter, page: CustomerPage) {
    const tagged = () => db.knex('customer_tags').where({ tag: filter.tag! }).select('customer_id as id');
    const found = filter.search ? await narrowTo(db, filter.search, filter.tag ? tagged() : undefined) : null;
    const query: Knex.QueryBuilder = db.knex('customers').modify((q) => {
      found?.apply(q, 'customers.id');
      if (filter.language) q.where({ language: filter.language });
      if (filter.region) q.where((its) => void inRegion(its, filter.region!));
      if (filter.tag) q.whereIn('customers.id', tagged());
    });
    const total = await countUpTo(db, query);
    const column = ({ name: 'name', id: 'id', updatedAt: 'updated_at' } as const)[page.sort];
    const { direction } = page;
    const order = (column === 'id' ? ['id'] : [column, 'id']).map((name) => ({ column: `customers.${name}`, direction })); // prettier-ignore
    const rows: CustomerRow[] = await partOf(query.clone(), order, page).select('customers.*');
    return {
      rows: await getMany(rows.map((row) => row.id)),
      total: { ...total, more: total.more || (found?.partial ?? false) },
      next: cursorAfter(rows, page, (row) => (column === 'id' ? [row.id] : [row[column], row.id])),
      partial: found?.partial ?? false,
    };
  }

  /** Everyone with this number (E.164). */
  async function withPhone(e164: string): Promise<Customer[]> {
    const rows: { customer_id: number }[] = await db
      .knex('customer_phones')
      .where({ e164 })
      .orderBy('customer_id')
      .limit(20)
      .select('customer_id');
    return getMany(rows.map((row) => row.customer_id));
  }

  /** Every tag in use, up to 500. */
  const tags = () => distinct('customer_tags', 'tag');
  /** Every language in use. */
  const languages = () => distinct('customers', 'language');

  /**
   * Distinct values by hopping through the index: as many steps as values, not as rows. The steps are counted, as MySQL
   * refuses a recursion of more than 1,000 whatever limit is put on what it gives.
   */
  async function distinct(table: string, column: string): Promise<string[]> {
    const rows = (await db.knex
      .withRecursive('hops', (query) => {
        query
          .min({ value: column })
          .select(db.knex.raw('1 as n'))
          .from(table)
          .unionAll((next) => {
            next
              .select(db.knex.raw('(select min(??) from ?? where ?? > hops.value)', [column, table, column]))
              .select(db.knex.raw('hops.n + 1'))
              .from('hops')
              .whereNotNull('hops.value')
              .where('hops.n', '<', mostDistinct);
          });
      })
      .from('hops')
      .whereNotNull('value')
      .select('value')) as { value: string }[];
    return rows.map((row) => row.value);
  }

  return {
    ...{ get, getMany, search, searchWithin, list },
    narrowTo: (text: string, within?: Knex.QueryBuilder) => narrowTo(db, text, within),
    ...{ withPhone, tags, languages },
  };
}

function groupBy<Row extends { customer_id: number }>(rows: readonly Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.customer_id);
    if (group) group.push(row);
    else groups.set(row.customer_id, [row]);
  }
  return groups;
}

/** Who is in the region however that was kept; where it is no more than the beginning of one, whose begin so. */
function inRegion(query: Knex.QueryBuilder, region: string): void {
  const spellings = regionSpellings(region);
  const begins = (from: string) =>
    void query.orWhere((its) => void its.where('address_region', '>=', from).where('address_region', '<', `${from}~`)); // prettier-ignore
  if (spellings.length === 1) return begins(spellings[0]!);
  void query.whereIn('address_region', spellings);
  // CN-31 is Shanghai, CN-310000 a postal code of Hangzhou.
  for (const code of spellings) begins(`${code}-`);
}

/** 0: the name is just that; 1: it begins so; 2: some word does; 3: found within a word or number. */
function rankOf(customer: Customer, words: readonly string[]): number {
  const name = fold(customer.name);
  const query = words.join(' ');
  if (name === query) return 0;
  if (name.startsWith(words[0] ?? '')) return 1;
  return words.every((word) => name.includes(` ${word}`) || name.startsWith(word)) ? 2 : 3;
}
