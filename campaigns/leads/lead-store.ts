import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import { optedOutReason } from './block-reasons.ts';
import { createCallbackEnds } from './callback-end.ts';
import { isOpen, leadWithHolder, leadsWithHolder } from './hopper-row.ts';
import { createLeadAttempts } from './lead-attempts.ts';
import { createLeadFigures } from './lead-figures.ts';
import { createCustomersFilter, createLeadFilters, sortsLeads } from './lead-filters.ts';
import { createLeadHolds } from './lead-holds.ts';
import { createLeadsAside } from './leads-aside.ts';
import { endIfListHasLeft, noList } from './other-lists.ts';
import { unreserved, type LeadRow } from './lead-row.ts';
import type { Lead, LeadMove, LeadRefusal } from './lead.ts';
import { customerRanges } from './lead-ranges.ts';
import type { AttemptOutcome } from './outcome.ts';

export type LeadStore = ReturnType<typeof createLeadStore>;

/** All SQL for leads. Every change is a compare-and-set on the state; a refusal says why. */
export function createLeadStore(app: Pick<App, 'db' | 'bus'>) {
  const { db } = app;
  const holds = createLeadHolds(app);
  const attempts = createLeadAttempts(app, holds);
  const campaigns = createCampaignStore(app);
  const filters = createLeadFilters(app);
  const callbackEnds = createCallbackEnds(app);
  const filterCustomers = createCustomersFilter(app);
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<LeadRow>('leads');

  async function ofCustomer(campaignId: number, customerId: number): Promise<Lead | null> {
    const which = { 'leads.campaign_id': campaignId, 'leads.customer_id': customerId };
    const row = await leadsWithHolder(db.knex, which).first();
    return row ? leadWithHolder(row) : null;
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

  /**
   * The call is being placed: counts as an attempt from here on. The lead's own row decides, so that of two who believe
   * they hold it one dials.
   */
  async function toDialing(id: number, by: string, now: number): Promise<LeadMove> {
    return (await toDialingMany([id], by, now)).has(id) ? moved : refusal(id, by);
  }

  /** The same for many at once, with a fixed number of statements. Returns those that are to be dialled. */
  async function toDialingMany(ids: readonly number[], by: string, now: number): Promise<Set<number>> {
    const dialing = await db.transaction(async (trx) => {
      const held: { id: number }[] = await table(trx)
        .whereIn('id', [...ids])
        .modify((query) => holds.whereHeld(query, by))
        .forUpdate()
        .select('id');
      const found = held.map(({ id }) => id);
      if (found.length === 0) return found;
      const rows = await table(trx)
        .whereIn('id', found)
        .update({
          // First: on MariaDB what stands after it sees the new state.
          reserved_from: db.knex.ref('state'),
          state: 'dialing',
          reserved_by: by,
          reserved_at: now,
          last_attempt_at: now,
          attempts: db.knex.raw('attempts + 1'),
          updated_at: now,
        });
      // They are locked by this transaction; anything else would be a lead dialled twice.
      if (rows !== found.length) throw new Error(`${rows} of ${found.length} locked leads are to be dialled`);
      await holds.forget(found, trx, by);
      return found;
    });
    return new Set(dialing);
  }

  /**
   * The call of this attempt never left: it counts as none, and the lead is due again at `nextAt`. Where it was dialled
   * again since the call was made at `calledAt`, that is another attempt, and nothing moves.
   */
  async function undial(
    id: number,
    by: string,
    nextAt: number,
    now: number,
    calledAt = Infinity,
  ): Promise<LeadMove> {
    return putOff(id, { by, from: 'dialing', calledAt, nextAt, reason: 'cancelled' }, now);
  }

  /**
   * The gate said "later", or somebody has another call: due again at `nextAt`, and not before its own time. A promised
   * callback stays one. Nothing moves once a call to it is up.
   */
  async function defer(
    id: number,
    by: string,
    nextAt: number,
    reason: string,
    now: number,
  ): Promise<LeadMove> {
    return putOff(id, { by, from: 'reserved', calledAt: Infinity, nextAt, reason }, now);
  }

  async function putOff(
    id: number,
    given: { by: string; from: 'reserved' | 'dialing'; calledAt: number; nextAt: number; reason: string },
    now: number,
  ): Promise<LeadMove> {
    const { by, from, calledAt, nextAt, reason } = given;
    const isMoved = await db.transaction(async (trx) => {
      const lead = await holds.get(id, trx);
      if (lead?.state !== from || lead.reservedBy !== by || (lead.lastAttemptAt ?? 0) > calledAt)
        return false;
      const state = lead.reservedFrom === 'callback' ? 'callback' : 'waiting';
      const ended = table(trx).modify((query) => stillHeld(query, lead, by));
      if (from === 'dialing') ended.decrement('attempts', 1);
      // Somebody tried before its time: a promise, or the pause after an attempt, stays what it was.
      const due = lead.nextAt > nextAt ? {} : { next_at: nextAt, state_reason: reason };
      if ((await ended.update({ state, ...due, updated_at: now, ...unreserved })) !== 1) return false;
      await holds.forget([id], trx, by);
      if (state === 'callback') return true;
      const { moved: others } = await endIfListHasLeft(trx, (its) => its.where({ id }), now);
      await filterCustomers(others, now, trx);
      return true;
    });
    return isMoved ? moved : refusal(id, by);
  }

  /** May not be called, and time does not cure it. */
  async function block(id: number, by: string, reason: string, now: number): Promise<LeadMove> {
    const isMoved = await db.transaction(async (trx) => {
      const lead = await holds.get(id, trx);
      if (!lead || !isHeld(lead) || lead.reservedBy !== by) return false;
      const rows = await table(trx)
        .modify((query) => stillHeld(query, lead, by))
        .update({ state: 'blocked', state_reason: reason, updated_at: now, ...unreserved });
      if (rows !== 1) return false;
      await callbackEnds.blocked(id, reason, now, trx);
      await holds.forget([id], trx, by);
      return true;
    });
    return isMoved ? moved : refusal(id, by);
  }

  /** The customer has asked, by a key in the lead's last call, to be called no more: so ends the lead, and that attempt. */
  async function optOut(id: number, at: number): Promise<void> {
    await db.transaction(async (trx) => {
      const lead = await holds.get(id, trx);
      if (!lead || (lead.lastAttemptAt ?? 0) > at) return;
      const state = lead.state === 'reserved' ? lead.reservedFrom! : lead.state;
      if (state !== 'dialing' && !isOpen(state)) return;
      const rows = await table(trx)
        .where({ id, state, next_at: lead.nextAt })
        .update({
          ...{ state: 'blocked', state_reason: optedOutReason, last_outcome: 'abandoned', agent_id: null },
          ...{ updated_at: at, ...unreserved },
        });
      if (rows !== 1) throw new Error('the lead of an opt-out has moved');
      await callbackEnds.blocked(id, optedOutReason, at, trx);
      await holds.forget([id], trx);
    });
  }

  /** Narrows an update to a lead that is held as it was read. */
  function stillHeld(query: Knex.QueryBuilder, lead: Lead, by: string): void {
    if (lead.state === 'dialing') void query.where({ id: lead.id, state: 'dialing', reserved_by: by });
    else void query.where({ id: lead.id, state: lead.reservedFrom }).modify((held) => holds.whereHeld(held, by)); // prettier-ignore
  }

  /** Puts finished leads of a campaign back to work: those given, or all whose last disposition or outcome is named. */
  async function recycle(
    campaignId: number,
    which: { dispositionIds?: readonly number[]; outcomes?: readonly AttemptOutcome[] },
    now: number,
  ): Promise<number> {
    const onList = db.knex('campaign_lists').where({ campaign_id: campaignId }).select('list_id');
    const chosen = (query: Knex.QueryBuilder) =>
      // Who is on none of its lists any more is not the campaign's to call.
      query
        .whereIn('list_id', onList.clone())
        .whereIn('state', ['done', 'exhausted'])
        .where((either) => {
          either.whereIn('last_disposition_id', [...(which.dispositionIds ?? [])]);
          either.orWhere((byOutcome) =>
            byOutcome.whereNull('last_disposition_id').whereIn('last_outcome', [...(which.outcomes ?? [])]),
          );
        });
    const campaign = await campaigns.get(campaignId);
    if (!campaign) return 0;
    let recycled = 0;
    // Some at a time: one statement over a million leads would hold up whoever dials.
    for await (const { from, to } of customerRanges(db.knex, campaignId, recycledAtOnce, chosen))
      recycled += await db.transaction(async (trx) => {
        const rows = await table(trx)
          .where({ campaign_id: campaignId })
          .whereBetween('customer_id', [from, to])
          .modify(chosen)
          .update({
            ...{ state: 'waiting', state_reason: 'recycled', next_at: now, attempts: 0, tries: null },
            updated_at: now,
          });
        if (sortsLeads(campaign)) await filters.applyTo(trx, campaign, { from, to }, now);
        return rows;
      });
    return recycled;
  }

  /**
   * What these leads were given up for holds no longer: they wait to be asked about again. A lead that is blocked for
   * something else stays. Returns how many.
   */
  async function unblock(
    which: { customerIds: readonly number[]; reasons: readonly string[]; campaignId: number | null },
    now: number,
    trx?: Knex.Transaction,
  ): Promise<number> {
    const ofThese = (query: Knex.QueryBuilder): void => {
      void query.whereIn('leads.customer_id', [...which.customerIds]);
      if (which.campaignId !== null) void query.where({ 'leads.campaign_id': which.campaignId });
    };
    const work = async (within: Knex.Transaction): Promise<number> => {
      const freed = await table(within)
        .modify(ofThese)
        .where({ state: 'blocked' })
        .whereIn('state_reason', [...which.reasons])
        .update({ state: 'waiting', state_reason: 'recycled', next_at: now, updated_at: now });
      if (freed === 0) return 0;
      const { ended } = await endIfListHasLeft(within, ofThese, now);
      await filterCustomers(which.customerIds, now, within);
      return freed - ended;
    };
    return trx ? work(trx) : db.transaction(work);
  }

  /** What these leads wait for has been decided: they are due at once. Returns how many. */
  async function dueAgain(campaignId: number, reason: string, now: number): Promise<number> {
    return table()
      .where({ campaign_id: campaignId, state_reason: reason })
      .whereIn('state', ['waiting', 'callback'])
      .where('next_at', '>', now)
      .update({ next_at: now, updated_at: now });
  }

  async function refusal(id: number, by: string): Promise<LeadRefusal> {
    const lead = await holds.get(id);
    // Whoever believed to hold it lets it go, or it would never come into the hopper again.
    if (lead?.state !== 'reserved') await holds.forget([id]);
    if (!lead) return gone;
    const notYours = isHeld(lead) && lead.reservedBy !== by;
    return { moved: false, reason: notYours ? 'not-yours' : 'wrong-state', state: lead.state };
  }

  return {
    get: holds.get,
    ofCustomer,
    ofHand,
    reserve: holds.reserve,
    feed: holds.feed,
    reserveOne: holds.reserveOne,
    setPriority: holds.setPriority,
    release: holds.release,
    releaseAllOf: holds.releaseAll,
    freeOldReservations: holds.freeOldReservations,
    heldBy: holds.heldBy,
    toDialing,
    toDialingMany,
    defer,
    undial,
    block,
    setAsideMany: createLeadsAside(app, holds, filterCustomers),
    optOut,
    finishAttempt: attempts.finishAttempt,
    recycle,
    unblock,
    dueAgain,
    ...createLeadFigures(app),
  };
}

const recycledAtOnce = 2_000;
const isHeld = ({ state }: Lead): boolean => state === 'reserved' || state === 'dialing';

const moved = { moved: true } as const;
const gone = { moved: false, reason: 'gone' } as const;
