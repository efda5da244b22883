import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';

export type EventTable = 'call_events' | 'agent_events';

/** A transition that the database would not take. */
export interface Unwritten {
  readonly id: number;
  /** The dialer whose it is. */
  readonly dialerId: string;
  /** `call c1`, `agent 7`. */
  readonly subject: string;
  readonly eventTable: EventTable;
  /** Its row of the event table. */
  readonly event: Readonly<Record<string, unknown>>;
  /** What the database said last. */
  readonly error: string;
  readonly failedAt: number;
}

interface Row {
  id: number;
  dialer_id: string;
  subject: string;
  event_table: string;
  event: string;
  error: string;
  failed_at: number;
}

const fromRow = (row: Row): Unwritten => ({
  id: row.id,
  dialerId: row.dialer_id,
  subject: row.subject,
  eventTable: row.event_table as EventTable,
  event: JSON.parse(row.event) as Record<string, unknown>,
  error: row.error,
  failedAt: row.failed_at,
});

/** `not mine`: another has taken it away, and written its event. */
export type WriteOutcome = 'written' | 'refused' | 'not mine';

const longestError = 500;
/** By these an event is found that stands there already. */
const ownColumns = ['call_id', 'user_id', 'at', 'event', 'from_state', 'to_state'];

export type UnwrittenStore = ReturnType<typeof createUnwrittenStore>;

/** All SQL for transitions that were set aside, so that those behind them could be written. */
export function createUnwrittenStore(app: Pick<App, 'db'>) {
  const { db } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<Row>('unwritten_transitions');

  async function keep(
    {
      dialerId,
      subject,
      eventTable,
      event,
      error,
      failedAt,
    }: Omit<Unwritten, 'id' | 'event'> & { event: object },
    trx?: Knex.Transaction,
  ): Promise<number> {
    const row = {
      ...{ dialer_id: dialerId, subject, event_table: eventTable, event: JSON.stringify(event) },
      ...{ error: error.slice(0, longestError), failed_at: failedAt },
    };
    return db.insertId('unwritten_transitions', row, trx);
  }

  /** In the order in which they happened; of one dialer, or of all. */
  async function all(dialerId?: string, limit = 1_000): Promise<Unwritten[]> {
    const rows: Row[] = await table()
      .modify((query) => dialerId !== undefined && void query.where({ dialer_id: dialerId }))
      .orderBy('id')
      .limit(limit);
    return rows.map(fromRow);
  }

  async function count(): Promise<number> {
    const [row] = (await table().count({ n: '*' })) as unknown as [{ n: number | string }];
    return Number(row.n);
  }

  /**
   * Tries again: `row` writes what the transition has changed, where that is still known. Its event is written once. What
   * the database says now is kept where it refuses again.
   */
  async function write(
    { id, eventTable, event }: Pick<Unwritten, 'id' | 'eventTable' | 'event'>,
    row?: (trx: Knex.Transaction) => Promise<unknown>,
  ): Promise<WriteOutcome> {
    try {
      return await db.transaction(async (trx) => {
        // First: of two who try at once one finds it gone.
        if ((await table(trx).where({ id }).delete()) !== 1) return 'not mine';
        await row?.(trx);
        const own = Object.fromEntries(
          Object.entries(event).filter(([column]) => ownColumns.includes(column)),
        );
        if (!(await trx(eventTable).where(own).first('id'))) await trx(eventTable).insert(event);
        return 'written';
      });
    } catch (error) {
      await table()
        .where({ id })
        .update({ error: String(error).slice(0, longestError) });
      return 'refused';
    }
  }

  return { keep, all, count, write };
}
