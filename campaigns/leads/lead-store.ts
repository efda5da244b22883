import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { createCustomerPhones } from '../../crm/customers/customer-phones.ts';
import { createCallbackStore } from '../callbacks/callback-store.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import { createDispositionStore } from '../dispositions/disposition-store.ts';
import { afterAttempt } from './after-attempt.ts';
import { createLeadFigures } from './lead-figures.ts';
import { reserveDue, type Reserve } from './lead-hopper.ts';
import { leadFromRow, unreserved, type LeadRow } from './lead-row.ts';
import {
  mayMove,
  nextPhone,
  statesAllowing,
  type Lead,
  type LeadEvent,
  type LeadMove,
  type LeadRefusal,
  type LeadState,
  type ReservedLead,
} from './lead.ts';
import type { AttemptOutcome } from './outcome.ts';

/** How an attempt ended. Times are epoch ms. */
export interface AttemptResult {
  readonly outcome: AttemptOutcome;
  /** The number that was dialled, which an agent may have chosen. */
  readonly e164?: string | null;
  readonly dispositionId?: number | null;
  /** When the customer wants to be called; makes the lead a callback and writes the callback down. */
  readonly callbackAt?: number | null;
  /** The agent the callback belongs to; null: anyone. */
  readonly agentId?: number | null;
  /** False: `callbackAt` is a guess, until the agent writes down when the customer wants to be called. */
  readonly callbackTimeAgreed?: boolean;
  readonly callbackNote?: string | null;
  readonly callbackPhone?: string | null;
  /** The call that ended, and the agent who had it: for the callback's row. */
  readonly callId?: string | null;
  readonly by?: number | null;
  readonly at: number;
}

export type LeadStore = ReturnType<typeof createLeadStore>;

/** All SQL for leads. Every change is a compare-and-set on the state; a refusal says why. */
export function createLeadStore(app: Pick<App, 'db' | 'bus'>) {
  const { db } = app;
  const phones = createCustomerPhones(app);
  const campaigns = createCampaignStore(app);
  const dispositions = createDispositionStore(app);
  const callbacks = createCallbackStore(app);
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<LeadRow>('leads');

  async function get(id: number, trx?: Knex.Transaction): Promise<Lead | null> {
    const row = await table(trx).where({ id }).first();
    return row ? leadFromRow(row) : null;
  }

  async function ofCustomer(campaignId: number, customerId: number): Promise<Lead | null> {
    const row = await table().where({ campaign_id: campaignId, customer_id: customerId }).first();
    return row ? leadFromRow(row) : null;
  }

  /**
   * The lead of a customer who was called by hand; one that is on no list and finished is made where there is none,
   * so that a callback has something to hang on.
   */
  async function ofHand(campaignId: number, customerId: number, now: number): Promise<number> {
    const known = await ofCustomer(campaignId, customerId);
    if (known) return known.id;
    const row = { campaign_id: campaignId, customer_id: customerId, list_id: noList, state: 'done' };
    const times = { next_at: 0, last_attempt_at: now, created_at: now, updated_at: now };
    await db
      .knex('leads')
      .insert({ ...row, ...times, attempts: 1, priority: 5 })
      .onConflict(['campaign_id', 'customer_id'])
      .ignore();
    return (await ofCustomer(campaignId, customerId))!.id;
  }

  /** Reserves due leads; those whose customer has no number left become blocked (`no-phone`). */
  async function reserve(request: Reserve): Promise<ReservedLead[]> {
    const { reserved } = await reserveDue(db, request, phones.numbersOf);
    return reserved;
  }

  /** Reserves one lead by its id, due or not: a callback chosen by its agent, a number dialled by hand. */
  async function reserveOne(id: number, by: string, now: number): Promise<LeadMove<{ lead: ReservedLead }>> {
    return db.transaction(async (trx) => {
      const lead = await get(id, trx);
      if (!lead) return gone;
      const numbers = (await phones.numbersOf([lead.customerId], trx)).get(lead.customerId) ?? [];
      const next = nextPhone(numbers, lead.phonePosition, lead.tries.dead);
      const e164 = next?.e164 ?? numbers[0];
      if (!mayMove(lead.state, 'reserve', 'reserved') || e164 === undefined)
        return { moved: false, reason: 'wrong-state', state: lead.state };
      const phonePosition = next?.position ?? 0;
      const rows = await table(trx).where({ id, state: lead.state }).update({
        state: 'reserved',
        reserved_by: by,
        reserved_at: now,
        reserved_from: lead.state,
        phone_position: phonePosition,
        updated_at: now,
      });
      if (rows !== 1) return refusal(id, trx);
      return {
        moved: true,
        lead: {
          ...lead,
          state: 'reserved',
          reservedFrom: lead.state,
          reservedBy: by,
          reservedAt: now,
          phonePosition,
          e164,
        },
      };
    });
  }

  /** Gives undialled leads back to where they came from. Returns how many were. */
  async function release(ids: readonly number[], by: string, now: number): Promise<number> {
    return giveBack(by, now, ids);
  }

  /** Gives back all that a dialer had reserved and not dialled. Returns how many leads were freed. */
  async function releaseAllOf(by: string, now: number): Promise<number> {
    return giveBack(by, now);
  }

  /** Leads that this dialer has in its hopper or in a call. */
  async function heldBy(
    by: string,
  ): Promise<{ id: number; state: LeadState; lastAttemptAt: number | null }[]> {
    const rows = await table().where({ reserved_by: by }).select('id', 'state', 'last_attempt_at');
    return rows.map((row) => ({
      id: row.id,
      state: row.state as LeadState,
      lastAttemptAt: row.last_attempt_at,
    }));
  }

  async function giveBack(by: string, now: number, ids?: readonly number[]): Promise<number> {
    let freed = 0;
    for (const state of ['new', 'waiting', 'callback'] as const)
      freed += await table()
        .where({ reserved_by: by, state: 'reserved', reserved_from: state })
        .modify((query) => {
          if (ids) query.whereIn('id', [...ids]);
        })
        .update({ state, updated_at: now, ...unreserved });
    return freed;
  }

  /** The call is being placed: counts as an attempt from here on. */
  async function toDialing(id: number, by: string, now: number): Promise<LeadMove> {
    const rows = await table()
      .where({ id, state: 'reserved', reserved_by: by })
      .update({ state: 'dialing', last_attempt_at: now, updated_at: now })
      .increment('attempts', 1);
    return rows === 1 ? moved : refusal(id, undefined, by);
  }

  /** The call of this attempt never left: it counts as none, and the lead is due again at `nextAt`. */
  async function undial(id: number, nextAt: number, now: number): Promise<LeadMove> {
    const move = await putOff(id, { from: ['dialing'], uncount: true, nextAt, reason: 'cancelled' }, now);
    return move.moved
      ? move
      : putOff(id, { from: ['reserved'], uncount: false, nextAt, reason: 'cancelled' }, now);
  }

  /** The gate said "later": due again at `nextAt`. A promised callback stays one. */
  async function defer(id: number, nextAt: number, reason: string, now: number): Promise<LeadMove> {
    return putOff(id, { from: ['reserved', 'dialing'], uncount: false, nextAt, reason }, now);
  }

  async function putOff(
    id: number,
    how: { from: readonly LeadState[]; uncount: boolean; nextAt: number; reason: string },
    now: number,
  ): Promise<LeadMove> {
    const { nextAt, reason } = how;
    for (const to of ['callback', 'waiting'] as const) {
      const rows = await table()
        .where({ id })
        .whereIn('state', how.from)
        .modify((query) => {
          if (to === 'callback') query.where({ reserved_from: 'callback' });
          else query.whereNot({ reserved_from: 'callback' });
          if (how.uncount) query.decrement('attempts', 1);
        })
        .update({ state: to, next_at: nextAt, state_reason: reason, updated_at: now, ...unreserved });
      if (rows === 1) return moved;
    }
    return refusal(id);
  }

  /** May not be called, and time does not cure it. */
  async function block(id: number, reason: string, now: number): Promise<LeadMove> {
    const rows = await table()
      .where({ id })
      .whereIn('state', statesAllowing('block'))
      .update({ state: 'blocked', state_reason: reason, updated_at: now, ...unreserved });
    return rows === 1 ? moved : refusal(id);
  }

  /**
   * Ends an attempt and decides what becomes of the lead: disposition and callback first, then the campaign's rule for
   * the outcome. Also takes a `reserved` lead (the call never left) and a `callback` one (a talk in a manual call).
   */
  async function finishAttempt(id: number, result: AttemptResult): Promise<LeadMove<{ state: LeadState }>> {
    return db.transaction(async (trx) => {
      const lead = await get(id, trx);
      if (!lead) return gone;
      const campaign = await campaigns.get(lead.campaignId, trx);
      if (!campaign) return gone;
      const disposition = result.dispositionId ? await dispositions.get(result.dispositionId, trx) : null;
      const numbers = (await phones.numbersOf([lead.customerId], trx)).get(lead.customerId) ?? [];
      const after = afterAttempt(
        lead,
        numbers,
        { maxAttempts: campaign.maxAttempts, rules: campaign.retryRules },
        {
          outcome: result.outcome,
          e164: result.e164,
          disposition,
          callbackAt: result.callbackAt ?? null,
          agentId: result.agentId ?? null,
          at: result.at,
        },
      );
      const promised = after.state === 'callback' ? numbers.indexOf(result.callbackPhone ?? '') : -1;
      if (!mayMove(lead.state, eventTo(after.state), after.state))
        return { moved: false, reason: 'wrong-state', state: lead.state };
      const rows = await table(trx)
        .where({ id, state: lead.state })
        .update({
          state: after.state,
          state_reason: after.stateReason,
          next_at: after.nextAt,
          phone_position: promised >= 0 ? promised : after.phonePosition,
          tries: JSON.stringify(after.tries),
          agent_id: after.agentId,
          last_outcome: result.outcome,
          last_disposition_id: disposition?.id ?? null,
          updated_at: result.at,
          ...unreserved,
        });
      if (rows !== 1) return refusal(id, trx);
      const reached = result.outcome === 'answered' || after.state !== 'waiting';
      if (reached) await callbacks.closeOfLead(id, 'done', result.at, trx);
      if (after.state === 'callback')
        await callbacks.create(
          {
            leadId: id,
            campaignId: lead.campaignId,
            customerId: lead.customerId,
            userId: after.agentId,
            dueAt: after.nextAt,
            timeAgreed: result.callbackTimeAgreed ?? true,
            e164: result.callbackPhone ?? null,
            note: result.callbackNote ?? null,
            callId: result.callId ?? null,
            createdBy: result.by ?? null,
          },
          result.at,
          trx,
        );
      return { moved: true, state: after.state };
    });
  }

  /** Puts finished leads of a campaign back to work: those given, or all whose last disposition or outcome is named. */
  async function recycle(
    campaignId: number,
    which: { dispositionIds?: readonly number[]; outcomes?: readonly AttemptOutcome[] },
    now: number,
  ): Promise<number> {
    return table()
      .where({ campaign_id: campaignId })
      .whereIn('state', ['done', 'exhausted'])
      .where((query) => {
        query.whereIn('last_disposition_id', [...(which.dispositionIds ?? [])]);
        query.orWhere((byOutcome) =>
          byOutcome.whereNull('last_disposition_id').whereIn('last_outcome', [...(which.outcomes ?? [])]),
        );
      })
      .update({
        state: 'waiting',
        state_reason: 'recycled',
        next_at: now,
        attempts: 0,
        tries: null,
        updated_at: now,
      });
  }

  /**
   * What these leads were given up for holds no longer: they wait to be asked about again. A lead that is blocked for
   * something else stays. Returns how many.
   */
  async function unblock(
    which: { customerIds: readonly number[]; reason: string; campaignId: number | null },
    now: number,
    trx?: Knex.Transaction,
  ): Promise<number> {
    return table(trx)
      .whereIn('customer_id', [...which.customerIds])
      .where({ state: 'blocked', state_reason: which.reason })
      .modify((query) => {
        if (which.campaignId !== null) query.where({ campaign_id: which.campaignId });
      })
      .update({ state: 'waiting', state_reason: 'recycled', next_at: now, updated_at: now });
  }

  async function refusal(id: number, trx?: Knex.Transaction, by?: string): Promise<LeadRefusal> {
    const lead = await get(id, trx);
    if (!lead) return gone;
    const notYours = by !== undefined && lead.state === 'reserved' && lead.reservedBy !== by;
    return { moved: false, reason: notYours ? 'not-yours' : 'wrong-state', state: lead.state };
  }

  return {
    get,
    ofCustomer,
    ofHand,
    reserve,
    reserveOne,
    release,
    releaseAllOf,
    heldBy,
    toDialing,
    defer,
    undial,
    block,
    finishAttempt,
    recycle,
    unblock,
    ...createLeadFigures(app),
  };
}

const noList = 0;
const moved = { moved: true } as const;
const gone = { moved: false, reason: 'gone' } as const;

function eventTo(state: LeadState): LeadEvent {
  if (state === 'callback') return 'call-back';
  if (state === 'done') return 'finish';
  if (state === 'exhausted') return 'exhaust';
  return state === 'blocked' ? 'block' : 'retry';
}
