import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { isDuplicate } from '../../core/database/errors.ts';
import type { NewTimelineEntry, TimelineEntry, TimelineKind } from './timeline.ts';

interface TimelineRow {
  id: number;
  customer_id: number;
  at: number;
  kind: string;
  user_id: number | null;
  call_id: string | null;
  data: string;
}

/** Where the next page begins: after this entry. */
export interface TimelineCursor {
  readonly at: number;
  readonly id: number;
}

export type TimelineStore = ReturnType<typeof createTimelineStore>;

/** All SQL for the timeline. Entries are only ever added. */
export function createTimelineStore(app: Pick<App, 'db'>) {
  const { db } = app;

  async function append(entry: NewTimelineEntry, trx?: Knex.Transaction): Promise<number> {
    return db.insertId('timeline_entries', toRow(entry), trx);
  }

  /** Whether this has been told: to be asked before what may be told a second time. */
  async function has(
    { customerId, at, kind, callId = null }: Omit<NewTimelineEntry, 'userId' | 'data'>,
    trx?: Knex.Transaction,
  ): Promise<boolean> {
    const row = await (trx ?? db.knex)('timeline_entries')
      .where({ customer_id: customerId, at, kind, call_id: callId })
      .first('id');
    return row !== undefined;
  }

  async function appendMany(entries: readonly NewTimelineEntry[], trx?: Knex.Transaction): Promise<void> {
    if (trx && entries.length > 0) {
      const rows = entries.map(toRow);
      const columns = Object.keys(rows[0]!) as (keyof (typeof rows)[number])[];
      return db.load('timeline_entries', columns, rows.map((row) => columns.map((column) => row[column])), trx); // prettier-ignore
    }
    await db.insertMany('timeline_entries', entries.map(toRow), trx);
  }

  /**
   * What is told of many customers alike is kept once, and their rows name it. The same source finds what was kept, so
   * that work which was cut off goes on with it.
   */
  async function originOf(source: string, entry: Omit<NewTimelineEntry, 'customerId'>): Promise<number> {
    const known = () => db.knex('customer_origins').where({ source }).first('id') as Promise<{ id: number } | undefined>; // prettier-ignore
    const there = await known();
    if (there) return there.id;
    const { customer_id: _, call_id: _call, ...row } = toRow({ ...entry, customerId: 0 });
    try {
      return await db.insertId('customer_origins', { source, ...row });
    } catch (error) {
      const other = isDuplicate(error) && (await known());
      if (!other) throw error;
      return other.id;
    }
  }

  /** How the customer came, if that was with many others. Its id is 0, so it comes after all else of that instant. */
  async function originEntry(customerId: number): Promise<TimelineEntry | null> {
    const row: Omit<TimelineRow, 'call_id'> | undefined = await db
      .knex('customers')
      .join('customer_origins', 'customer_origins.id', 'customers.origin_id')
      .where('customers.id', customerId)
      .first('customers.id as customer_id', 'at', 'kind', 'user_id', 'data');
    return row ? fromRow({ ...row, id: 0, call_id: null }) : null;
  }

  /** A customer's timeline, newest first. */
  async function of(
    customerId: number,
    page: { limit?: number; after?: TimelineCursor | null; kinds?: readonly TimelineKind[] } = {},
  ): Promise<TimelineEntry[]> {
    const { limit = 30, after, kinds } = page;
    const rows: TimelineRow[] = await db
      .knex('timeline_entries')
      .where({ customer_id: customerId })
      .modify((query) => {
        if (kinds) query.whereIn('kind', [...kinds]);
        if (after)
          query.where((older) =>
            older
              .where('at', '<', after.at)
              .orWhere((same) => same.where('at', after.at).where('id', '<', after.id)),
          );
      })
      .orderBy([
        { column: 'at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit);
    const found = rows.map(fromRow);
    const origin = await originEntry(customerId);
    const before = (one: TimelineEntry) => !after || one.at < after.at || (one.at === after.at && one.id < after.id); // prettier-ignore
    if (!origin || !before(origin) || (kinds && !kinds.includes(origin.kind))) return found;
    return [...found, origin].sort((a, b) => b.at - a.at || b.id - a.id).slice(0, limit);
  }

  return { append, has, appendMany, originOf, of };
}

const fromRow = (row: TimelineRow): TimelineEntry => ({
  id: row.id,
  customerId: row.customer_id,
  at: row.at,
  kind: row.kind as TimelineKind,
  userId: row.user_id,
  callId: row.call_id,
  data: JSON.parse(row.data) as Record<string, unknown>,
});

const toRow = (entry: NewTimelineEntry) => ({
  customer_id: entry.customerId,
  at: entry.at,
  kind: entry.kind,
  user_id: entry.userId ?? null,
  call_id: entry.callId ?? null,
  data: JSON.stringify(entry.data),
});
