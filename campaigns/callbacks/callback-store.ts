import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { countUpTo, cursorAfter, partOf, type Order, type Part, type Slice } from '../../core/http/index.ts';
import type { Callback, CallbackState, NewCallback } from './callback.ts';

interface CallbackRow {
  id: number;
  lead_id: number;
  campaign_id: number;
  customer_id: number;
  user_id: number | null;
  due_at: number;
  time_agreed: number;
  e164: string | null;
  note: string | null;
  state: string;
  call_id: string | null;
  created_by: number | null;
  created_at: number;
  closed_at: number | null;
}

const fromRow = (row: CallbackRow): Callback => ({
  id: row.id,
  leadId: row.lead_id,
  campaignId: row.campaign_id,
  customerId: row.customer_id,
  userId: row.user_id,
  dueAt: row.due_at,
  timeAgreed: row.time_agreed === 1,
  e164: row.e164,
  note: row.note,
  state: row.state as CallbackState,
  callId: row.call_id,
  createdBy: row.created_by,
  createdAt: row.created_at,
  closedAt: row.closed_at,
});

export type CallbackStore = ReturnType<typeof createCallbackStore>;

/** All SQL for callbacks. The lead in state `callback` is what the dialer reserves; the row here is the promise. */
export function createCallbackStore(app: Pick<App, 'db'>) {
  const { db } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<CallbackRow>('callbacks');

  async function get(id: number, trx?: Knex.Transaction): Promise<Callback | null> {
    const row = await table(trx).where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** As it stands now; nobody else closes or changes it until the transaction ends. */
  async function lock(id: number, trx: Knex.Transaction): Promise<Callback | null> {
    const row = await table(trx).where({ id }).forUpdate().first();
    return row ? fromRow(row) : null;
  }

  async function create(callback: NewCallback, now: number, trx?: Knex.Transaction): Promise<number> {
    const row = {
      lead_id: callback.leadId,
      campaign_id: callback.campaignId,
      customer_id: callback.customerId,
      user_id: callback.userId,
      due_at: callback.dueAt,
      time_agreed: callback.timeAgreed ? 1 : 0,
      e164: callback.e164,
      note: callback.note,
      state: 'open',
      call_id: callback.callId,
      created_by: callback.createdBy,
      created_at: now,
    };
    return db.insertId('callbacks', row, trx);
  }

  /** An agent's own open callbacks: those without an agreed time, then the first due first. */
  async function openOf(userId: number, limit = 100): Promise<Callback[]> {
    const rows = await table()
      .where({ user_id: userId, state: 'open' })
      .orderBy([{ column: 'time_agreed' }, { column: 'due_at' }, { column: 'id' }])
      .limit(limit);
    return rows.map(fromRow);
  }

  /** Of those that were tried since they were due: when they are tried again, by their ids. */
  async function retriesOf(ids: readonly number[]): Promise<Map<number, number>> {
    if (ids.length === 0) return new Map();
    const rows = (await db
      .knex('callbacks')
      .join('leads', 'leads.id', 'callbacks.lead_id')
      .whereIn('callbacks.id', ids)
      .where('leads.state', 'waiting')
      .whereRaw('?? >= ??', ['leads.last_attempt_at', 'callbacks.due_at'])
      .select('callbacks.id as id', 'leads.next_at as next_at')) as { id: number; next_at: number }[];
    return new Map(rows.map((row) => [row.id, Number(row.next_at)]));
  }

  /** Open callbacks of a campaign, the first due first; `owner` null: anyone's alone, undefined: all. */
  async function pageOfCampaign(
    campaignId: number,
    { owner }: { owner?: number | null },
    page: Part,
  ): Promise<Slice<Callback>> {
    const open = () =>
      table()
        .where({ campaign_id: campaignId, state: 'open' })
        .modify((query) => {
          if (owner !== undefined) void query.where({ user_id: owner });
        });
    const order = ['due_at', 'id'] as const;
    const rows: CallbackRow[] = await partOf(open(), order.map((column): Order => ({ column, direction: 'asc' })), page); // prettier-ignore
    return {
      rows: rows.map(fromRow),
      total: await countUpTo(db, open()),
      next: cursorAfter(rows, page, (row) => order.map((name) => row[name])),
    };
  }

  /** Promises of a campaign that are still to be kept. */
  async function countOpen(campaignId: number): Promise<number> {
    const [row] = (await table().where({ campaign_id: campaignId, state: 'open' }).count({ n: '*' })) as unknown as [{ n: number | string }]; // prettier-ignore
    return Number(row.n);
  }

  async function ofLead(leadId: number, trx?: Knex.Transaction): Promise<Callback[]> {
    return (await table(trx).where({ lead_id: leadId }).orderBy('id', 'desc')).map(fromRow);
  }

  /** Closes every open callback of a lead. Returns how many were open. */
  async function closeOfLead(
    leadId: number,
    state: 'done' | 'cancelled',
    now: number,
    trx?: Knex.Transaction,
  ): Promise<number> {
    return table(trx).where({ lead_id: leadId, state: 'open' }).update({ state, closed_at: now });
  }

  /** A call that was placed at `placedAt` to keep what was promised has reached the customer. */
  async function keep(leadId: number, { placedAt, now }: { placedAt: number; now: number }): Promise<void> {
    await table()
      .where({ lead_id: leadId, state: 'open' })
      .where('created_at', '<=', placedAt)
      .update({ state: 'done', closed_at: now });
  }

  /** False when it was closed already. */
  async function close(
    id: number,
    state: 'done' | 'cancelled',
    now: number,
    trx?: Knex.Transaction,
  ): Promise<boolean> {
    return (await table(trx).where({ id, state: 'open' }).update({ state, closed_at: now })) === 1;
  }

  /** A time has been agreed on. False when the callback, as it was read, was closed or put to another time meanwhile. */
  async function setTime(
    { id, dueAt: before, timeAgreed }: Pick<Callback, 'id' | 'dueAt' | 'timeAgreed'>,
    dueAt: number,
    trx?: Knex.Transaction,
  ): Promise<boolean> {
    const asRead = { id, state: 'open', due_at: before, time_agreed: timeAgreed ? 1 : 0 };
    return (await table(trx).where(asRead).update({ due_at: dueAt, time_agreed: 1 })) === 1;
  }

  /** False when it was closed already. */
  async function setOwner(id: number, userId: number | null, trx?: Knex.Transaction): Promise<boolean> {
    return (await table(trx).where({ id, state: 'open' }).update({ user_id: userId })) === 1;
  }

  return {
    get,
    lock,
    create,
    setTime,
    setOwner,
    openOf,
    retriesOf,
    pageOfCampaign,
    countOpen,
    ofLead,
    keep,
    closeOfLead,
    close,
  };
}
