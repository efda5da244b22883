import type { Knex } from 'knex';
import type { Database } from '../../core/database/database.ts';
import { feedHopper, isFed, lockFeed } from './hopper-feed.ts';
import { leadPriorities, nobody, openStates, outsideHopper, tierOf, type HopperRow } from './hopper-row.ts';
import { leadFromRow, unreserved, type LeadRow } from './lead-row.ts';
import { nextPhone, type LeadState, type ReservedLead } from './lead.ts';

export interface Reserve {
  readonly campaignId: number;
  readonly count: number;
  /** The dialer (or web process) that reserves; `releaseAllOf` takes the same. */
  readonly by: string;
  readonly now: number;
  /** Also callbacks that belong to these agents; anyone's are always taken, and others' once they have waited too long. */
  readonly agentIds?: readonly number[];
}

type PhonesOf = (customerIds: readonly number[], trx: Knex.Transaction) => Promise<Map<number, string[]>>;
type HeldRow = Pick<HopperRow, 'campaign_id' | 'tier' | 'turn' | 'lead_id' | 'state' | 'next_at'>;

/** A hopper that nobody has filled up for so long is filled up by whoever reserves. */
const unfedMs = 2_000;

/**
 * Reserves up to `count` due leads: callbacks of the agents who are here, then out of the hopper in dialling order, which
 * is filled up when it gives fewer. The cost grows with `count` and not with the table of leads, of which rows are only read. On MariaDB rows of the hopper are
 * locked with SKIP LOCKED, so that two dialers never wait for each other or share a lead; on SQLite there is one writer.
 */
export async function reserveDue(
  db: Database,
  request: Reserve,
  phonesOf: PhonesOf,
): Promise<ReservedLead[]> {
  const { campaignId, count, now } = request;
  if (count <= 0) return [];
  const reserved = await takeOwn(db, request, phonesOf);
  if (reserved.length >= count) return reserved;
  if (!(await isFed(db, campaignId, now, unfedMs))) await feedHopper(db, { campaignId, now });
  for (let fed = false; ;) {
    const wanted = count - reserved.length;
    const { leads, taken } = await take(db, { ...request, count: wanted }, phonesOf);
    reserved.push(...leads);
    if (reserved.length >= count) return reserved;
    if (taken === wanted) continue; // Some stood otherwise by now; there may be more.
    if (fed || (await feedHopper(db, { campaignId, now, force: true, least: wanted })) === 0) return reserved;
    fed = true;
  }
}

/**
 * Due callbacks of the agents who are here. They come from the leads themselves: in the hopper stands only what anybody
 * may take, or the promises of those who are away would fill it.
 */
async function takeOwn(db: Database, request: Reserve, phonesOf: PhonesOf): Promise<ReservedLead[]> {
  const { campaignId, count, by, now, agentIds = [] } = request;
  if (agentIds.length === 0) return [];
  const due = (knex: Knex | Knex.Transaction) =>
    outsideHopper(knex)
      .where({ 'leads.campaign_id': campaignId, 'leads.state': 'callback' })
      .whereIn('leads.priority', [...leadPriorities])
      .where('leads.next_at', '<=', now)
      .whereIn('leads.agent_id', [...agentIds]);
  if (!(await due(db.knex).first('leads.id'))) return [];
  return db.transaction(async (trx) => {
    await lockFeed(db, trx, campaignId, true);
    const order = ['leads.priority', 'leads.next_at', 'leads.id'];
    const found: LeadRow[] = await due(trx).orderBy(order).limit(count).select('leads.*');
    const leads = await dialable(trx, found, { by, now, phonesOf });
    const rows = leads.map((lead): HopperRow => ({
      ...{ held_by: by, held_at: now, campaign_id: campaignId, lead_id: lead.id, agent_id: lead.agentId },
      ...{ tier: tierOf({ state: 'callback', priority: lead.priority }), turn: lead.nextAt },
      ...{ state: 'callback', next_at: lead.nextAt },
    }));
    for (let from = 0; from < rows.length; from += 400)
      await trx('hopper').insert(rows.slice(from, from + 400));
    return leads;
  });
}

/** `taken`: rows of the hopper that were looked at; those whose lead stands otherwise are gone from it. */
async function take(
  db: Database,
  request: Reserve,
  phonesOf: PhonesOf,
): Promise<{ leads: ReservedLead[]; taken: number }> {
  const { by, now } = request;
  return db.transaction(async (trx) => {
    const rows = await lockFirst(db, trx, request);
    if (rows.length === 0) return { leads: [], taken: 0 };
    const found: LeadRow[] = await trx<LeadRow>('leads').whereIn('id', rows.map(({ lead_id }) => lead_id)); // prettier-ignore
    const byId = new Map(found.map((row) => [row.id, row]));
    const standing = rows.flatMap(({ lead_id, state, next_at }) => {
      const current = byId.get(lead_id);
      return current?.state === state && current.next_at === next_at ? [current] : [];
    });
    const leads = await dialable(trx, standing, { by, now, phonesOf });
    await hold(trx, leads.map(({ id }) => id), { by, now }); // prettier-ignore
    const held = new Set(leads.map(({ id }) => id));
    const gone = rows.flatMap(({ lead_id }) => (held.has(lead_id) ? [] : [lead_id]));
    if (gone.length > 0) await trx('hopper').whereIn('lead_id', gone).where({ held_by: nobody }).delete();
    return { leads, taken: rows.length };
  });
}

/** Those with a number that comes next, in their order; the others become blocked. */
async function dialable(
  trx: Knex.Transaction,
  rows: readonly LeadRow[],
  { by, now, phonesOf }: { by: string; now: number; phonesOf: PhonesOf },
): Promise<ReservedLead[]> {
  const phones = await phonesOf(rows.map(({ customer_id }) => customer_id), trx); // prettier-ignore
  const leads: ReservedLead[] = [];
  const withoutPhone: number[] = [];
  for (const row of rows) {
    const lead = leadFromRow(row);
    const next = nextPhone(phones.get(lead.customerId) ?? [], lead.phonePosition, lead.tries.dead);
    if (next) leads.push(reservedLead(lead, { by, now, from: row.state as LeadState, next }));
    else withoutPhone.push(lead.id);
  }
  if (withoutPhone.length > 0)
    await trx<LeadRow>('leads')
      .whereIn('id', withoutPhone)
      .whereIn('state', [...openStates])
      .update({ state: 'blocked', state_reason: 'no-phone', updated_at: now, ...unreserved });
  return leads;
}

async function lockFirst(db: Database, trx: Knex.Transaction, request: Reserve): Promise<HeldRow[]> {
  const query = trx<HopperRow>('hopper')
    .where({ held_by: nobody, campaign_id: request.campaignId })
    .orderBy(['tier', 'turn', 'lead_id'])
    .limit(request.count)
    .select('campaign_id', 'tier', 'turn', 'lead_id', 'state', 'next_at');
  return (await db.skipLocked(query)) as HeldRow[];
}

async function hold(
  trx: Knex.Transaction,
  ids: readonly number[],
  { by, now }: { by: string; now: number },
): Promise<void> {
  if (ids.length === 0) return;
  const rows = await trx<HopperRow>('hopper')
    .whereIn('lead_id', [...ids])
    .where({ held_by: nobody })
    .update({ held_by: by, held_at: now });
  // The rows are locked by this transaction; anything else would be a lead given out twice.
  if (rows !== ids.length) throw new Error(`reserved ${rows} of ${ids.length} locked leads`);
}

export function reservedLead(
  lead: ReturnType<typeof leadFromRow>,
  how: { by: string; now: number; from: LeadState; next: { e164: string; position: number } },
): ReservedLead {
  return {
    ...lead,
    state: 'reserved',
    reservedFrom: how.from,
    reservedBy: how.by,
    reservedAt: how.now,
    phonePosition: how.next.position,
    e164: how.next.e164,
  };
}
