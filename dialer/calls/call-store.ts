import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { GatePath } from '../../campaigns/compliance/index.ts';
import { isDuplicate } from '../../core/database/errors.ts';
import { noteCallEnd, noteDisposition } from '../recordings/recorded-facts.ts';
import type { Call, CallState, EndedBy } from './call.ts';
import { createCalledElsewhere, longestCallMs } from './called-elsewhere-store.ts';
import type { CallOutcome } from './outcome.ts';

export interface CallRow {
  id: string;
  direction: string;
  parent_id: string | null;
  path: string;
  campaign_id: number | null;
  lead_id: number | null;
  customer_id: number | null;
  user_id: number | null;
  trunk_id: number | null;
  e164: string | null;
  caller_id: string | null;
  attempt: number;
  state: string;
  outcome: string | null;
  amd: string | null;
  hangup_cause: number | null;
  ended_by: string | null;
  dialer_id: string | null;
  created_at: number;
  dialed_at: number | null;
  ringing_at: number | null;
  answered_at: number | null;
  live_at: number | null;
  connected_at: number | null;
  abandoned_at: number | null;
  left_at: number | null;
  park_slot: number | null;
  ended_at: number | null;
  revision: number;
}

/** What an agent wrote about a call. */
export interface CallDisposition {
  dispositionId: number | null;
  note: string | null;
  wrappedUpAt: number;
  /** Set where the agent did not hand it in: they are asked after the call. */
  missedAt: number | null;
}

const fromRow = (row: CallRow): Call => ({
  id: row.id,
  direction: row.direction as Call['direction'],
  parentId: row.parent_id,
  path: row.path as GatePath,
  campaignId: row.campaign_id,
  leadId: row.lead_id,
  customerId: row.customer_id,
  userId: row.user_id,
  trunkId: row.trunk_id,
  e164: row.e164 ?? '',
  callerId: row.caller_id,
  attempt: row.attempt,
  state: row.state as CallState,
  outcome: row.outcome as CallOutcome | null,
  amd: row.amd as Call['amd'],
  hangupCause: row.hangup_cause,
  endedBy: row.ended_by as EndedBy | null,
  createdAt: row.created_at,
  dialedAt: row.dialed_at,
  ringingAt: row.ringing_at,
  answeredAt: row.answered_at,
  liveAt: row.live_at,
  connectedAt: row.connected_at,
  abandonedAt: row.abandoned_at,
  leftAt: row.left_at,
  parkSlot: row.park_slot,
  endedAt: row.ended_at,
  revision: row.revision,
});

const toRow = (call: Call, dialerId: string): CallRow => ({
  id: call.id,
  direction: call.direction,
  parent_id: call.parentId,
  path: call.path,
  campaign_id: call.campaignId,
  lead_id: call.leadId,
  customer_id: call.customerId,
  user_id: call.userId,
  trunk_id: call.trunkId,
  e164: call.e164,
  caller_id: call.callerId,
  attempt: call.attempt,
  state: call.state,
  outcome: call.outcome,
  amd: call.amd,
  hangup_cause: call.hangupCause,
  ended_by: call.endedBy,
  dialer_id: dialerId,
  created_at: call.createdAt,
  dialed_at: call.dialedAt,
  ringing_at: call.ringingAt,
  answered_at: call.answeredAt,
  live_at: call.liveAt,
  connected_at: call.connectedAt,
  abandoned_at: call.abandonedAt,
  left_at: call.leftAt,
  park_slot: call.parkSlot,
  ended_at: call.endedAt,
  revision: call.revision,
});

export type CallStore = ReturnType<typeof createCallStore>;

/** All SQL for calls. */
export function createCallStore(app: Pick<App, 'db'>) {
  const table = (trx: Knex | Knex.Transaction = app.db.knex) => trx<CallRow>('calls');

  /** Safe to repeat. Returns the number of rows made: 0 where this call is written. */
  async function insert(call: Call, dialerId: string, trx: Knex.Transaction): Promise<number> {
    try {
      await table(trx).insert(toRow(call, dialerId));
      return 1;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return 0;
    }
  }

  /** Whether neither this nor a later change of the call is written, and none has ended it. */
  async function lacks({ id, revision }: Call, trx: Knex.Transaction): Promise<boolean> {
    const row = await table(trx).where({ id }).first('state', 'revision');
    return !row || (row.state !== 'ended' && row.revision < revision);
  }

  /**
   * Compare-and-set on the revision. Returns the number of rows moved: 1, or 0 where this or a later change is written,
   * or the call has been ended by another. One change that was lost does not keep out those that come after it. Whoever
   * writes, the call stays with the dialer that placed it: its recording lies on that one's switch.
   */
  async function save(call: Call, from: CallState, trx: Knex.Transaction): Promise<number> {
    const {
      id,
      direction: _d,
      parent_id: _a,
      path: _p,
      created_at: _c,
      e164: _e,
      dialer_id: _i,
      ...row
    } = toRow(call, '');
    const moved = await table(trx)
      .where({ id })
      .where('revision', '<', call.revision)
      .modify((query) => {
        if (from !== 'ended') void query.whereNot({ state: 'ended' });
      })
      .update(row);
    if (moved === 1 && call.state === 'ended' && call.connectedAt !== null) await noteCallEnd(call, trx);
    return moved;
  }

  /** Ends a call that its own dialer no longer can, with the event. False when it is not at `from` any more. */
  async function endLeft(call: Call, from: CallState): Promise<boolean> {
    return app.db.transaction(async (trx) => {
      if ((await save(call, from, trx)) !== 1) return false;
      await trx('call_events').insert({
        ...{ call_id: call.id, at: call.endedAt, from_state: from, to_state: 'ended', event: 'end' },
        ...{ campaign_id: call.campaignId, user_id: call.userId },
        data: JSON.stringify({ outcome: call.outcome, by: call.endedBy, cause: null }),
      });
      await leave(call.id, call.endedAt ?? 0, trx);
      return true;
    });
  }

  /** Nobody will wrap this call up, as its dialer is gone: the agent who had it is asked when they are back. */
  async function leave(id: string, at: number, trx?: Knex.Transaction): Promise<void> {
    await (trx ?? app.db.knex)('calls')
      .where({ id, state: 'ended' })
      .whereNull('parent_id')
      .whereNotNull('connected_at')
      .whereNotNull('user_id')
      .whereNull('wrapped_up_at')
      // What is kept of it says more.
      .whereNotIn('id', app.db.knex('given_dispositions').select('call_id'))
      .update({ wrapped_up_at: at, wrapup_missed_at: at });
  }

  /**
   * Calls of this dialer that have ended, of which nothing was handed in and something was typed by who had them last;
   * where it is gone for good, also those that its agents have before them.
   */
  async function unsaid(dialerId: string, seenAt: number, isGone: boolean): Promise<Call[]> {
    const { knex } = app.db;
    // From the drafts, which are few.
    const rows: CallRow[] = await knex('workspace_drafts as d')
      .join('calls as c', (on) => void on.on('c.id', 'd.call_id').andOn('c.user_id', 'd.user_id'))
      .where({ 'c.dialer_id': dialerId, 'c.state': 'ended' })
      .where('c.created_at', '>', seenAt - longestCallMs)
      .whereNull('c.parent_id')
      .whereNotNull('c.connected_at')
      .whereNull('c.wrapped_up_at')
      .whereNotIn('c.id', knex('given_dispositions').select('call_id'))
      .modify((query) => {
        if (isGone) return;
        void query.whereNotIn('c.id', knex('agent_sessions').whereNotNull('call_id').select('call_id'));
      })
      .select('c.*');
    return rows.map(fromRow);
  }

  /**
   * The same of all calls of this dialer that nobody wraps up and nobody has handed anything in of: it was cut off, and
   * has last been seen at `seenAt`.
   */
  async function leaveAll(dialerId: string, seenAt: number): Promise<number> {
    const { knex } = app.db;
    const ids: { id: string }[] = await knex('agent_sessions as s')
      .join('calls as c', 'c.user_id', 's.user_id')
      .where('c.created_at', '>', seenAt - longestCallMs)
      .where({ 'c.dialer_id': dialerId, 'c.state': 'ended' })
      .whereNull('c.parent_id')
      .whereNotNull('c.connected_at')
      .whereNull('c.wrapped_up_at')
      .whereNotIn('c.id', knex('agent_sessions').whereNotNull('call_id').select('call_id'))
      .whereNotIn('c.id', knex('given_dispositions').select('call_id'))
      .select('c.id');
    const at = knex.raw('case when ended_at > ? then ended_at else ? end', [seenAt, seenAt]);
    await knex('calls')
      .whereIn(
        'id',
        ids.map(({ id }) => id),
      ) // prettier-ignore
      .whereNull('wrapped_up_at')
      .update({ wrapped_up_at: at, wrapup_missed_at: at });
    return ids.length;
  }

  /** When something last happened to a call, by its events; 0: nothing is written. */
  async function lastEventAt(id: string): Promise<number> {
    const row = (await app.db.knex('call_events').where({ call_id: id }).max({ at: 'at' }).first()) as {
      at: number | null;
    };
    return Number(row.at ?? 0);
  }

  async function get(id: string): Promise<Call | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function lastOfLead(leadId: number): Promise<Call | null> {
    const row = await table().where({ lead_id: leadId }).orderBy('created_at', 'desc').first();
    return row ? fromRow(row) : null;
  }

  /** Calls that a dialer of this id had not brought to an end. */
  async function openOf(dialerId: string): Promise<Call[]> {
    const rows = await table()
      .whereNot({ state: 'ended' })
      .where({ dialer_id: dialerId })
      .orderBy('created_at');
    return rows.map(fromRow);
  }

  /**
   * Written once: a second disposition of the same call moves no row. What the agent has handed in takes the place of a
   * wrap-up that another dialer took for missed.
   */
  async function dispose(id: string, given: CallDisposition, trx: Knex.Transaction): Promise<boolean> {
    const rows = await trx('calls')
      .where({ id })
      .where((open) => {
        void open.whereNull('wrapped_up_at');
        if (given.missedAt === null) void open.orWhereNotNull('wrapup_missed_at');
      })
      .update({
        disposition_id: given.dispositionId,
        note: given.note,
        wrapped_up_at: given.wrappedUpAt,
        wrapup_missed_at: given.missedAt,
      });
    if (rows === 1) await noteDisposition(id, given.dispositionId, trx);
    return rows === 1;
  }

  /** The agent who last talked with each of these customers since `since`. */
  async function lastAgents(customerIds: readonly number[], since: number): Promise<Map<number, number>> {
    if (customerIds.length === 0) return new Map();
    const rows: { customer_id: number; user_id: number }[] = await app.db
      .knex('calls')
      .whereIn('customer_id', [...customerIds])
      .where('created_at', '>=', since)
      .whereNotNull('user_id')
      .whereNotNull('connected_at')
      .orderBy('created_at')
      .select('customer_id', 'user_id');
    return new Map(rows.map((row) => [row.customer_id, row.user_id]));
  }

  /** The event that says what came of a call; its state stays `ended`. */
  async function noteDisposed(
    call: Pick<Call, 'id' | 'campaignId' | 'userId'>,
    dispositionId: number,
    at: number,
    trx: Knex.Transaction,
  ): Promise<void> {
    await noteEnded(call, 'disposed', dispositionId, at, trx);
  }

  /** The wrap-up ran out: what was chosen or taken for granted stands, and counts as nothing that was given. */
  async function noteWrapupMissed(
    call: Pick<Call, 'id' | 'campaignId' | 'userId'>,
    dispositionId: number | null,
    at: number,
    trx: Knex.Transaction,
  ): Promise<void> {
    await noteEnded(call, 'wrapup-missed', dispositionId, at, trx);
  }

  async function noteEnded(
    call: Pick<Call, 'id' | 'campaignId' | 'userId'>,
    event: 'disposed' | 'wrapup-missed',
    dispositionId: number | null,
    at: number,
    trx: Knex.Transaction,
  ): Promise<void> {
    await trx('call_events').insert({
      call_id: call.id,
      at,
      from_state: 'ended',
      to_state: 'ended',
      event,
      campaign_id: call.campaignId,
      user_id: call.userId,
      data: JSON.stringify({ dispositionId }),
    });
  }

  return {
    ...{ noteDisposed, noteWrapupMissed, insert, lacks, save, endLeft, lastEventAt },
    ...{ get, lastOfLead, openOf, dispose, unsaid, leave, leaveAll, lastAgents },
    calledElsewhere: createCalledElsewhere(app),
  };
}
