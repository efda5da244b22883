import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Queryable } from '../../core/database/database.ts';
import { countUpTo, cursorAfter, partOf, type Part, type Slice } from '../../core/http/index.ts';
import { createTimelineStore } from '../../crm/timeline/index.ts';
import { createDispositionStore, type Disposition } from '../dispositions/index.ts';
import { optedOutReason } from '../leads/block-reasons.ts';
import { createLeadStore } from '../leads/lead-store.ts';
import { dncFromRow, dncLogFromRow, everywhere, type DncLogRow, type DncRow } from './dnc-row.ts';
import {
  bears,
  type DncAddition,
  type DncEntry,
  type DncLogEntry,
  type DncRemoval,
  type DncSource,
} from './dnc.ts';

const lookupBatch = 400;
const raceTries = 5;

export interface DncFilter {
  /** The beginning of a number, with or without its plus. */
  readonly number?: string;
  /** The same as a whole number that is written as at home; null when it is none. */
  readonly e164?: string | null;
  /** Null: entries that hold everywhere. Absent: all. */
  readonly campaignId?: number | null;
  readonly source?: DncSource;
}

export interface DncPage extends Part {
  readonly sort: 'e164' | 'addedAt';
  readonly direction: 'asc' | 'desc';
}

export type DncStore = ReturnType<typeof createDncStore>;

/** All SQL for the DNC list. Looking a number up is one range of one index, however long the list is. */
export function createDncStore(app: Pick<App, 'db' | 'bus'>) {
  const { db } = app;
  const timeline = createTimelineStore(app);
  const leads = createLeadStore(app);
  const table = (at: Queryable = db.knex) => at<DncRow>('dnc_numbers');

  /**
   * Puts a number on the list, at once and for every path. Returns false when it was there already; the entry that
   * holds longer stays. Every change is in the log and told on the bus as `dnc.added`.
   */
  async function add(addition: DncAddition, trx?: Knex.Transaction): Promise<boolean> {
    return (await addMany([addition], trx)) === 1;
  }

  /** Adds many, of which some may be there. Returns how many were not. No number twice in one call. */
  async function addMany(additions: readonly DncAddition[], trx?: Knex.Transaction): Promise<number> {
    const work = async (within: Knex.Transaction): Promise<DncAddition[]> => {
      const present = await rowsOf(additions.map(({ e164 }) => e164), within, { locked: true }); // prettier-ignore
      const fresh: DncAddition[] = [];
      const missing: DncAddition[] = [];
      for (const addition of additions) {
        const row = (present.get(addition.e164) ?? []).find(
          ({ campaign_id }) => campaign_id === (addition.campaignId ?? everywhere),
        );
        const there = row ? await renew(row, addition, within) : 'gone';
        if (there !== 'holds') fresh.push(addition);
        if (there === 'gone') missing.push(addition);
      }
      await db.insertMany('dnc_numbers', missing.map(toRow), within);
      await log(fresh, 'added', within);
      return fresh;
    };
    const added = trx ? await work(trx) : await retryingRaces(() => db.transaction(work));
    for (const { e164, campaignId } of added) app.bus.publish('dnc.added', { e164, campaignId });
    return added.length;
  }

  /** Makes an entry that has run out, or would sooner, hold as long as the new one. */
  async function renew(
    row: DncRow,
    addition: DncAddition,
    trx: Knex.Transaction,
  ): Promise<'holds' | 'renewed' | 'gone'> {
    const until = addition.expiresAt ?? null;
    const holdsAsLong = row.expires_at === null || (until !== null && row.expires_at >= until);
    if (holdsAsLong) return 'holds';
    const { e164: _e164, campaign_id: _campaign, ...rest } = toRow(addition);
    return (await table(trx).where({ id: row.id }).update(rest)) === 1 ? 'renewed' : 'gone';
  }

  /**
   * Takes a number off. Returns false when it was not on. The reason stays in the log, and leads that were given up for
   * it wait again: the gate is asked about them as about any other.
   */
  async function remove(removal: DncRemoval): Promise<boolean> {
    const removed = await db.transaction(async (trx) => {
      const rows = await table(trx)
        .where({ e164: removal.e164, campaign_id: removal.campaignId ?? everywhere })
        .delete();
      if (rows === 0) return false;
      await log([removal], 'removed', trx);
      await unblockOwners(removal, trx);
      return true;
    });
    if (removed) app.bus.publish('dnc.removed', { e164: removal.e164, campaignId: removal.campaignId });
    return removed;
  }

  async function unblockOwners({ e164, campaignId, at }: DncRemoval, trx: Knex.Transaction): Promise<void> {
    const customersOf = async (query: Knex.QueryBuilder): Promise<number[]> =>
      ((await query.select('customer_id')) as { customer_id: number }[]).map((row) => row.customer_id);
    const owners = await customersOf(trx('customer_phones').where({ e164 }));
    await leads.unblock({ customerIds: owners, reasons: ['DNC_INTERNAL'], campaignId }, at, trx);
    // An agent's disposition blocks the lead in its own name, beside the entry that it makes, for the whole person.
    const onList = new Set(await customersOf(trx('customer_phones').whereIn('customer_id', owners).whereIn('e164', trx('dnc_numbers').select('e164')))); // prettier-ignore
    const all = await createDispositionStore(app).all({}, trx);
    const reasons = all.flatMap(({ category, code }) => (category === 'dnc' ? [code] : []));
    const free = owners.filter((id) => !onList.has(id));
    await leads.unblock({ customerIds: free, reasons: [...reasons, optedOutReason], campaignId }, at, trx); // prettier-ignore
  }

  /** The entry that forbids a call of this campaign (null: of none) at this instant, or null. */
  async function contains(e164: string, campaignId: number | null, at: number): Promise<DncEntry | null> {
    const rows = await table().where({ e164 });
    return rows.map(dncFromRow).find((entry) => bears(entry, campaignId, at)) ?? null;
  }

  /** All entries of many numbers, for batches: see `bears`. */
  async function entriesOf(
    numbers: readonly string[],
    at: Queryable = db.knex,
  ): Promise<Map<string, DncEntry[]>> {
    const rows = await rowsOf(numbers, at);
    return new Map([...rows].map(([e164, found]) => [e164, found.map(dncFromRow)]));
  }

  /** Nobody has been put on the list. */
  async function isEmpty(at: Queryable = db.knex): Promise<boolean> {
    return !(await table(at).first('id'));
  }

  /** `locked`: nobody takes one of them off until the transaction ends, and one that is being taken off is waited for. */
  async function rowsOf(
    numbers: readonly string[],
    at: Queryable,
    { locked = false } = {},
  ): Promise<Map<string, DncRow[]>> {
    const found = new Map<string, DncRow[]>();
    // In one order, so that two who lock many do not wait for each other.
    const wanted = [...new Set(numbers)].sort();
    for (let from = 0; from < wanted.length; from += lookupBatch) {
      const rows = await table(at)
        .whereIn('e164', wanted.slice(from, from + lookupBatch))
        .modify((query) => void (locked && query.forUpdate()));
      for (const row of rows) found.set(row.e164, [...(found.get(row.e164) ?? []), row]);
    }
    return found;
  }

  async function get(id: number): Promise<DncEntry | null> {
    const row = await table().where({ id }).first();
    return row ? dncFromRow(row) : null;
  }

  /** A page of the list; the search is by the beginning of the number, so that it stays a range of the index. */
  async function list(filter: DncFilter, page: DncPage): Promise<Slice<DncEntry>> {
    const query = table().modify((q) => narrow(q, filter));
    const column = page.sort === 'e164' ? 'e164' : 'added_at';
    const { direction } = page;
    const rows: DncRow[] = await partOf(query.clone(), [{ column, direction }, { column: 'id', direction }], page); // prettier-ignore
    return {
      rows: rows.map(dncFromRow),
      total: await countUpTo(db, query),
      next: cursorAfter(rows, page, (row) => [row[column], row.id]),
    };
  }

  /** What was done to a number, newest first. */
  async function history(e164: string, limit = 50): Promise<DncLogEntry[]> {
    const rows = await db
      .knex<DncLogRow>('dnc_log')
      .where({ e164 })
      .orderBy([
        { column: 'at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit);
    return rows.map(dncLogFromRow);
  }

  async function log(
    changes: readonly (DncAddition | DncRemoval)[],
    action: DncLogEntry['action'],
    trx: Knex.Transaction,
  ): Promise<void> {
    const rows = changes.map((change) => ({
      e164: change.e164,
      campaign_id: change.campaignId ?? everywhere,
      action,
      reason: change.reason,
      source: change.source,
      user_id: change.by,
      at: change.at,
    }));
    await db.insertMany('dnc_log', rows, trx);
    await tellCustomers(changes, action, trx);
  }

  async function tellCustomers(
    changes: readonly (DncAddition | DncRemoval)[],
    action: DncLogEntry['action'],
    trx: Knex.Transaction,
  ): Promise<void> {
    const dispositions = changes.some(({ source }) => source === 'agent')
      ? await createDispositionStore(app).all({}, trx)
      : [];
    const byNumber = new Map(changes.map((change) => [change.e164, change]));
    const numbers = [...byNumber.keys()];
    for (let from = 0; from < numbers.length; from += lookupBatch) {
      const owners: { customer_id: number; e164: string }[] = await trx('customer_phones')
        .whereIn('e164', numbers.slice(from, from + lookupBatch))
        .select('customer_id', 'e164');
      const entries = owners.flatMap(({ customer_id: customerId, e164 }) => {
        const change = byNumber.get(e164);
        if (!change) return [];
        const data = { action, e164, reason: change.reason, ...named(change, dispositions) };
        return [{ customerId, at: change.at, kind: 'dnc' as const, userId: change.by, data }];
      });
      await timeline.appendMany(entries, trx);
    }
  }

  return { add, addMany, remove, contains, entriesOf, isEmpty, get, list, history };
}

/** The agent's disposition in every language: the timeline is read by floors that know no disposition. */
function named({ source, reason }: DncAddition | DncRemoval, all: readonly Disposition[]) {
  const given = source === 'agent' ? all.find(({ code }) => code === reason) : undefined;
  return given ? { names: given.names } : {};
}

/** Somebody else added the same number between our look and our write: looking again settles it. */
export async function retryingRaces<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (attempt >= raceTries || (code !== 'SQLITE_CONSTRAINT_UNIQUE' && code !== 'ER_DUP_ENTRY'))
        throw error;
    }
  }
}

function narrow(query: Knex.QueryBuilder, filter: DncFilter): void {
  if (filter.campaignId !== undefined) query.where({ campaign_id: filter.campaignId ?? everywhere });
  if (filter.source) query.where({ source: filter.source });
  const digits = filter.number?.replace(/\D/g, '');
  if (!digits) return;
  // ':' is the character after '9': a range that both engines read from the index, where LIKE may not be.
  query.where((either) => {
    either.whereBetween('e164', [`+${digits}`, `+${digits}:`]);
    if (filter.e164) either.orWhere({ e164: filter.e164 });
  });
}

function toRow(addition: DncAddition): Omit<DncRow, 'id'> {
  return {
    e164: addition.e164,
    campaign_id: addition.campaignId ?? everywhere,
    reason: addition.reason,
    source: addition.source,
    added_by: addition.by,
    added_at: addition.at,
    expires_at: addition.expiresAt ?? null,
  };
}
