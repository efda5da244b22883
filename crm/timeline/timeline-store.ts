import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
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

  async function appendMany(entries: readonly NewTimelineEntry[], trx?: Knex.Transaction): Promise<void> {
    if (trx && entries.length > 0) {
      const rows = entries.map(toRow);
      const columns = Object.keys(rows[0]!) as (keyof (typeof rows)[number])[];
      return db.load('timeline_entries', columns, rows.map((row) => columns.map((column) => row[column])), trx); // prettier-ignore
    }
    await db.insertMany('timeline_entries', entries.map(toRow), trx);
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
    return rows.map((row) => ({
      id: row.id,
      customerId: row.customer_id,
      at: row.at,
      kind: row.kind as TimelineKind,
      userId: row.user_id,
      callId: row.call_id,
      data: JSON.parse(row.data) as Record<string, unknown>,
    }));
  }

  return { append, appendMany, of };
}

const toRow = (entry: NewTimelineEntry) => ({
  customer_id: entry.customerId,
  at: entry.at,
  kind: entry.kind,
  user_id: entry.userId ?? null,
  call_id: entry.callId ?? null,
  data: JSON.stringify(entry.data),
});
