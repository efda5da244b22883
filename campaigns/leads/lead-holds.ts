import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { isDuplicate } from '../../core/database/errors.ts';
import { createCustomerPhones } from '../../crm/customers/customer-phones.ts';
import { createFeeds, dropBlocks, lockFeed } from './hopper-feed.ts';
import {
  isOpen,
  leadWithHolder,
  leadsWithHolder,
  nobody,
  openStates,
  standsAsTaken,
  type BlockRow,
  type HopperRow,
} from './hopper-row.ts';
import { holdThese, reserveDue, reservedLead, type Reserve } from './lead-hopper.ts';
import { unreserved, type LeadRow } from './lead-row.ts';
import { nextNumberOf, type Lead, type LeadMove, type LeadState, type ReservedLead } from './lead.ts';

/** What a dialer has in its hopper or in a call. */
export type HeldLead = Pick<Lead, 'id' | 'campaignId' | 'state' | 'reservedAt' | 'lastAttemptAt'>;

/**
 * Who holds which lead. A held lead keeps its state in the table of leads, where `reserved` is never written: that a
 * dialer holds it stands in the hopper alone, and holds while the lead stands as it did when it was taken.
 */
export function createLeadHolds(app: Pick<App, 'db'>) {
  const { db } = app;
  const phones = createCustomerPhones(app);
  const feeds = createFeeds(db);
  const hopper = (trx: Knex | Knex.Transaction = db.knex) => trx<HopperRow>('hopper');
  const blocks = (trx: Knex | Knex.Transaction = db.knex) => trx<BlockRow>('hopper_blocks');

  async function get(id: number, trx: Knex | Knex.Transaction = db.knex): Promise<Lead | null> {
    const row = await leadsWithHolder(trx, { 'leads.id': id }).first();
    return row ? leadWithHolder(row) : null;
  }

  /** Reserves due leads; those whose customer has no number left become blocked (`no-phone`). */
  async function reserve(request: Reserve): Promise<ReservedLead[]> {
    return reserveDue(db, request, phones.numbersOf, feeds);
  }

  /** Fills up the hopper of a campaign, unless another dialer has just done it; now, when `force` is given. */
  async function feed(campaignId: number, now: number, { force = false } = {}): Promise<void> {
    await feeds.feed({ campaignId, now, force });
  }

  /** Reserves one lead by its id, due or not: a callback chosen by its agent, a number dialled by hand. */
  async function reserveOne(id: number, by: string, now: number): Promise<LeadMove<{ lead: ReservedLead }>> {
    return db.transaction(async (trx) => {
      const lead = await get(id, trx);
      if (!lead) return { moved: false, reason: 'gone' };
      const numbers = (await phones.numbersOf([lead.customerId], trx)).get(lead.customerId) ?? [];
      const next = nextNumberOf(lead, numbers) ?? {
        e164: numbers[0],
        position: 0,
      };
      const refused = { moved: false, reason: 'wrong-state', state: lead.state } as const;
      const { e164, position } = next;
      if (!isOpen(lead.state) || e164 === undefined) return refused;
      await lockFeed(db, trx, lead.campaignId, true);
      await freeFromHopper(lead, trx);
      const reserved = reservedLead(lead, { by, now, from: lead.state, next: { e164, position } });
      try {
        await holdThese(db, trx, [reserved], { campaignId: lead.campaignId, by, now });
      } catch (error) {
        if (isDuplicate(error)) return { ...refused, state: 'reserved' };
        throw error;
      }
      return { moved: true, lead: reserved };
    });
  }

  /** Out of the hopper, where it stands free there or for a state that it has left: whoever takes it first has it. */
  async function freeFromHopper(lead: Lead, trx: Knex.Transaction): Promise<void> {
    const row = await hopper(trx).where({ lead_id: lead.id }).first();
    if (!row) return;
    // A dialer that takes the block in this moment has it locked: then it is held.
    const block = await blocks(trx).where({ id: row.block }).forUpdate().first();
    const stood = lead.state === 'reserved' ? lead.reservedFrom : lead.state;
    const binds = row.state === stood && row.next_at === lead.nextAt;
    if (block && block.held_by !== nobody && binds) return;
    await hopper(trx).where({ lead_id: lead.id, block: row.block }).delete();
  }

  /** 1 is called first. Returns the priority that it had; null: the campaign has no such lead. */
  async function setPriority(
    { id, campaignId }: { id: number; campaignId: number },
    priority: number,
    now: number,
  ): Promise<number | null> {
    return db.transaction(async (trx) => {
      const lead = await get(id, trx);
      if (lead?.campaignId !== campaignId) return null;
      await trx<LeadRow>('leads').where({ id }).update({ priority, updated_at: now });
      await freeFromHopper(lead, trx);
      return lead.priority;
    });
  }

  /**
   * Lets leads go that this dialer holds, where `heldAt` is given only what it has held since just then: they are free,
   * and come back in their turn. Returns how many were.
   */
  async function release(ids: readonly number[], by: string, heldAt?: number): Promise<number> {
    let freed = 0;
    for (let from = 0; from < ids.length; from += 500) {
      const held: { lead_id: number }[] = await hopper()
        .join('hopper_blocks', 'hopper_blocks.id', 'hopper.block')
        .where({ held_by: by, ...(heldAt === undefined ? {} : { held_at: heldAt }) })
        .whereIn('lead_id', ids.slice(from, from + 500))
        .select('lead_id');
      if (held.length > 0) freed += await hopper().whereIn('lead_id', held.map(({ lead_id }) => lead_id)).delete(); // prettier-ignore
    }
    return freed;
  }

  /** Lets all go that this dialer holds. */
  async function releaseAll(by: string): Promise<number> {
    const held = await blocks().where({ held_by: by }).select('id');
    return db.transaction((trx) => dropBlocks(trx, held.map(({ id }) => id))); // prettier-ignore
  }

  /** Leads that this dialer has in its hopper or in a call. */
  async function heldBy(by: string): Promise<HeldLead[]> {
    const reserved = await hopper()
      .join('hopper_blocks', 'hopper_blocks.id', 'hopper.block')
      .join('leads', 'leads.id', 'hopper.lead_id')
      .where({ held_by: by })
      .select(
        'leads.id',
        'leads.campaign_id',
        'leads.last_attempt_at',
        'hopper_blocks.held_at as reserved_at',
      );
    const dialing = await db
      .knex<LeadRow>('leads')
      .where({ reserved_by: by })
      .select('id', 'campaign_id', 'last_attempt_at', 'reserved_at', 'state');
    const calls = new Set(dialing.map(({ id }) => id));
    return [
      ...reserved.filter(({ id }) => !calls.has(id)).map((row) => ({ ...row, state: 'reserved' })),
      ...dialing,
    ].map((row) => ({
      id: row.id,
      campaignId: row.campaign_id,
      state: row.state as LeadState,
      reservedAt: row.reserved_at,
      lastAttemptAt: row.last_attempt_at,
    }));
  }

  /** Narrows an update of leads to one that `by` holds, and that stands as when it was taken. */
  function whereHeld(query: Knex.QueryBuilder, by: string): void {
    query.whereIn('leads.state', [...openStates]).whereExists((held) => {
      void held
        .select(db.knex.raw('1'))
        .from('hopper')
        .join('hopper_blocks', 'hopper_blocks.id', 'hopper.block')
        .whereRaw(`hopper.lead_id = leads.id and ${standsAsTaken}`)
        .where('hopper_blocks.held_by', by);
    });
  }

  /**
   * The leads have gone on: what the hopper says of them holds no longer. A row that still binds its lead stays, as
   * another dialer has taken it meanwhile; one of `by`, who lets it go, does not.
   */
  async function forget(
    ids: readonly number[],
    trx: Knex | Knex.Transaction = db.knex,
    by?: string,
  ): Promise<void> {
    const standing = trx('leads')
      .whereRaw(`leads.id = hopper.lead_id and ${standsAsTaken}`)
      .select(trx.raw('1'));
    await hopper(trx)
      .whereIn('lead_id', [...ids])
      .where((gone) => {
        void gone.whereNotExists(standing);
        if (by !== undefined) void gone.orWhereExists(heldBlock(trx, by));
      })
      .delete();
  }

  /**
   * Leads that a process of an older version has written as `reserved` before `before`, and nobody frees any more: they
   * are as they were. Returns how many.
   */
  async function freeOldReservations(before: number, now: number): Promise<number> {
    const states = openStates.map(() => '?').join(', ');
    const promised = `exists (select 1 from callbacks where callbacks.lead_id = leads.id and callbacks.state = 'open')`;
    const state = db.knex.raw(
      `case when reserved_from in (${states}) then reserved_from when agent_id is not null or ${promised} then 'callback' when attempts > 0 then 'waiting' else 'new' end`,
      [...openStates],
    );
    return (
      db
        .knex<LeadRow>('leads')
        // A range of the index: few are in calls.
        .where('reserved_by', '>', '')
        .where({ state: 'reserved' })
        .where((old) => old.whereNull('reserved_at').orWhere('reserved_at', '<', before))
        .update({ state: state as never, updated_at: now, ...unreserved })
    );
  }

  return {
    get,
    reserve,
    feed,
    reserveOne,
    setPriority,
    release,
    releaseAll,
    heldBy,
    whereHeld,
    forget,
    freeOldReservations,
  };
}

function heldBlock(knex: Knex | Knex.Transaction, by: string): Knex.QueryBuilder {
  const block = knex('hopper_blocks').where({ held_by: by }).whereRaw('hopper_blocks.id = hopper.block');
  return block.select(knex.raw('1'));
}
