import type { Knex } from 'knex';
import type { Database } from '../../core/database/database.ts';
import { countUpTo, likePattern } from '../../core/http/count.ts';
import { queryWords, termLength } from './search-terms.ts';

/** How many customers one word may bring into consideration. Bounds the time of a search of several common words. */
const widest = 20_000;
const highest = '\u{10ffff}';

export interface Found {
  readonly ids: number[];
  /** There may be more: of words so common not every customer was looked at, or there are more than `limit`. */
  readonly partial: boolean;
}

/**
 * Ids of up to `limit` customers in whose names and numbers all words of `query` occur. The rarest word is looked up in
 * the suffix index, the others are checked on the customers it brings.
 */
export async function findCustomers(db: Database, query: string, limit: number): Promise<Found> {
  const words = queryWords(query);
  if (words.length === 0) return { ids: [], partial: false };
  const [found, extra] = [await findByTerms(db, words, limit), await findUnindexed(db, query, words, limit)];
  if (extra.length === 0) return found;
  return { ids: [...new Set([...found.ids, ...extra])].slice(0, limit), partial: true };
}

/** How far a list of what was found goes; of a word that more customers have, not all are looked at. */
export const mostListed = 10_000;

export interface Narrowing {
  /** Leaves what belongs to a customer, whose id stands in this column, in whose name and numbers all words occur. */
  apply(query: Knex.QueryBuilder, customerId: string): void;
  /** Whether there may be more. */
  readonly partial: boolean;
}

/**
 * A search as part of a statement that filters, orders and pages by itself. Either the rarest word leads to its
 * customers, or, where that one is common, `within`: ids of the customers that a filter leaves, as column `id`. Where
 * both are many, the first `mostListed` of the word are looked at.
 */
export async function narrowTo(
  db: Database,
  query: string,
  within?: Knex.QueryBuilder,
): Promise<Narrowing | null> {
  const words = queryWords(query);
  if (words.length === 0) return null;
  const driver = await rarest(db, words, mostListed);
  const common = driver.count > mostListed;
  if (common && within && (await countUpTo(db, within, mostListed)).more === false) {
    const apply: Narrowing['apply'] = (narrowed, customerId) => {
      narrowed
        .whereIn(customerId, within.clone())
        .whereIn(
          customerId,
          having(db.knex('customers').whereIn('id', within.clone()), words).select('customers.id'),
        );
    };
    return { apply, partial: false };
  }
  const extra = await findUnindexed(db, query, words, mostListed);
  const [low, high] = range(driver.word);
  const checks = words.filter((word) => word !== driver.word || [...word].length > termLength);
  const apply: Narrowing['apply'] = (narrowed, customerId) => {
    const led = db
      .knex('customer_terms')
      .where('term', '>=', low)
      .where('term', '<', high)
      .distinct('customer_id')
      .limit(mostListed)
      .as('led');
    const found = db.knex.from(led).modify((ids) => {
      if (checks.length > 0) having(ids.join('customers', 'customers.id', 'led.customer_id'), checks);
    });
    const all = found.select('led.customer_id as found_id');
    if (extra.length > 0)
      void all.union(db.knex('customers').whereIn('id', extra.slice(0, 1_000)).select('id'));
    narrowed.join(all.as('found'), 'found.found_id', customerId);
  };
  return { apply, partial: common || extra.length > 0 };
}

/** Of rows of `customers`: those in whose names and numbers each of the words occurs somewhere. */
function having(query: Knex.QueryBuilder, words: readonly string[]): Knex.QueryBuilder {
  for (const word of words) query.whereRaw(`customers.search_text like ? escape '!'`, [likePattern(word)]);
  return query;
}

async function findByTerms(db: Database, words: readonly string[], limit: number): Promise<Found> {
  const driver = words.length === 1 ? { word: words[0]!, count: 0 } : await rarest(db, words, widest);
  const [low, high] = range(driver.word);
  const others = words.filter((word) => word !== driver.word);
  const checks = [...others, ...([...driver.word].length > termLength ? [driver.word] : [])];
  const candidates = db
    .knex('customer_terms')
    .where('term', '>=', low)
    .where('term', '<', high)
    .distinct('customer_id')
    .limit(checks.length > 0 ? widest : limit);
  if (checks.length === 0) {
    const rows: { customer_id: number }[] = await candidates;
    return { ids: rows.map((row) => row.customer_id), partial: rows.length >= limit };
  }
  const rows: { id: number }[] = await db.knex
    .from(candidates.as('found'))
    .join('customers', 'customers.id', 'found.customer_id')
    .modify(having, checks)
    .limit(limit)
    .select('customers.id');
  return { ids: rows.map((row) => row.id), partial: rows.length >= limit || driver.count > widest };
}

/** Countries whose numbers are often typed without their code. */
const codes = ['', '1', '86', '886', '852', '81', '82', '44'];

/** Of a large import that the index has still to learn: by the whole number, or as the name begins. */
async function findUnindexed(
  db: Database,
  query: string,
  words: readonly string[],
  limit: number,
): Promise<number[]> {
  const span = (await db
    .knex('customer_index_ranges')
    .min({ first: 'first_id' })
    .max({ last: 'last_id' })
    .first()) as { first: number | null; last: number | null } | undefined;
  if (span?.first == null || span.last == null) return [];
  const [word] = words;
  if (words.length === 1 && /^\d{6,}$/.test(word!)) {
    const rows: { customer_id: number }[] = await db
      .knex('customer_phones')
      .whereIn(
        'e164',
        codes.map((code) => `+${code}${word}`),
      ) // prettier-ignore
      .limit(limit)
      .select('customer_id');
    return rows.map((row) => row.customer_id);
  }
  const typed = query.trim();
  const capital = typed.replace(/(^|\s)\p{Ll}/gu, (letter) => letter.toUpperCase());
  const ids = new Set<number>();
  for (const beginning of new Set([typed, capital])) {
    const rows: { id: number }[] = await db
      .knex('customers')
      .where('name', '>=', beginning)
      .where('name', '<', beginning + highest)
      .whereBetween('id', [span.first, span.last])
      .limit(limit)
      .select('id');
    for (const { id } of rows) ids.add(id);
  }
  return [...ids];
}

function range(word: string): [string, string] {
  const low = [...word].slice(0, termLength).join('');
  return [low, low + highest];
}

async function rarest(
  db: Database,
  words: readonly string[],
  atMost: number,
): Promise<{ word: string; count: number }> {
  let best: { word: string; count: number } | null = null;
  // The longest first: most likely the rarest, and a count of none or few ends the search for a better one.
  for (const word of [...words].sort((a, b) => b.length - a.length)) {
    const [low, high] = range(word);
    const most = Math.min(atMost, best?.count ?? atMost) + 1;
    const within = db
      .knex('customer_terms')
      .where('term', '>=', low)
      .where('term', '<', high)
      .select('customer_id')
      .limit(most)
      .as('within');
    const row = (await db.knex.from(within).count({ n: '*' }).first()) as { n: number };
    const count = Number(row.n);
    if (!best || count < best.count) best = { word, count };
    if (best.count <= 200) break;
  }
  return best!;
}
