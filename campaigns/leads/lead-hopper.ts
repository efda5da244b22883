import type { Knex } from 'knex';
import type { Database } from '../../core/database/database.ts';
import { claimBlocks, readClaimed, type Claim } from './hopper-claim.ts';
import { lockFeed, takeNumbers, type Feeds } from './hopper-feed.ts';
import {
  blockId,
  leadPriorities,
  openStates,
  outsideHopper,
  tierOf,
  type BlockRow,
  type HopperRow,
  type OpenState,
} from './hopper-row.ts';
import { leadFromRow, unreserved, type LeadRow } from './lead-row.ts';
import { nextNumberOf, type LeadState, type ReservedLead } from './lead.ts';

export interface Reserve {
  readonly campaignId: number;
  readonly count: number;
  /** The dialer (or web process) that reserves; `releaseAllOf` takes the same. */
  readonly by: string;
  readonly now: number;
  /** Also callbacks that belong to these agents; anyone's are always taken, and others' once they have waited too long. */
  readonly agentIds?: readonly number[];
  /** Callbacks of each of these agents at the most; undefined: all. */
  readonly ownEach?: number;
}

type PhonesOf = (customerIds: readonly number[], trx: Knex.Transaction) => Promise<Map<number, string[]>>;
/**
 * Reserves up to `count` due leads: callbacks of the agents who are here, then out of the hopper in dialling order, which
 * is filled up when it gives fewer. The cost grows with `count` and not with the table of leads, of which rows are only
 * read. On MariaDB blocks of the hopper are locked with SKIP LOCKED, so that two dialers never wait for each other or
 * share a lead; on SQLite there is one writer.
 */
export async function reserveDue(
  db: Database,
  request: Reserve,
  phonesOf: PhonesOf,
  feeds: Feeds,
): Promise<ReservedLead[]> {
  const { campaignId, count, now } = request;
  if (count <= 0) return [];
  const reserved = await takeOwn(db, request, phonesOf);
  if (reserved.length >= count) return reserved;
  if (!(await feeds.isFed(campaignId, now))) await feeds.feed({ campaignId, now });
  for (let fed = false, how: Claim['how'] = 'whole'; ;) {
    const wanted = count - reserved.length;
    const leads = await take(db, { ...request, count: wanted, how });
    reserved.push(...(leads ?? []));
    if (reserved.length >= count) return reserved;
    if (leads) {
      // Blocks lose leads, and some stood otherwise by now: there may be more.
      if (how === 'whole') how = 'exact';
      continue;
    }
    if (how !== 'wait') {
      // Others may just be splitting the last blocks there are: what they leave is seen once they have.
      how = 'wait';
      continue;
    }
    if (fed || (await feeds.feed({ campaignId, now, force: true, least: wanted })) === 0) return reserved;
    fed = true;
  }
}

/**
 * Due callbacks of the agents who are here. They come from the leads themselves: in the hopper stands only what anybody
 * may take, or the promises of those who are away would fill it.
 */
async function takeOwn(db: Database, request: Reserve, phonesOf: PhonesOf): Promise<ReservedLead[]> {
  const { campaignId, count, by, now, agentIds = [], ownEach } = request;
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
    const found: LeadRow[] = await due(trx)
      .modify((own) => {
        if (ownEach !== undefined) void own.whereIn('leads.id', firstOfEach(trx, due(trx), ownEach));
      })
      .orderBy(order)
      .limit(count)
      .select('leads.*');
    const phones = await phonesOf(found.map(({ customer_id }) => customer_id), trx); // prettier-ignore
    const rows = found.map((lead) => ({ lead, phones: phones.get(lead.customer_id) ?? [] }));
    const { leads, withoutPhone } = dialable(rows, { by, now });
    await blockWithoutPhone(trx, withoutPhone, now);
    await holdThese(db, trx, leads, { campaignId, by, now });
    return leads;
  });
}

/** Ids of the first due callbacks of each agent. */
function firstOfEach(trx: Knex.Transaction, due: Knex.QueryBuilder, each: number): Knex.QueryBuilder {
  const place =
    'row_number() over (partition by leads.agent_id order by leads.priority, leads.next_at, leads.id)';
  const placed = due.select('leads.id', trx.raw(`${place} as place`)).as('placed');
  return trx.from(placed).where('place', '<=', each).select('id');
}

/**
 * Puts leads that are not in the hopper there as held by one dialer. Whoever calls has locked the feed, which gives
 * blocks their numbers.
 */
export async function holdThese(
  db: Database,
  trx: Knex.Transaction,
  leads: readonly Pick<ReservedLead, 'id' | 'priority' | 'nextAt' | 'reservedFrom'>[],
  { campaignId, by, now }: { campaignId: number; by: string; now: number },
): Promise<void> {
  const [lead] = leads;
  if (!lead) return;
  const id = blockId(campaignId, await takeNumbers(trx, campaignId, leads.length));
  const rows = leads.map((one): HopperRow => ({
    ...{ lead_id: one.id, block: id, state: one.reservedFrom, next_at: one.nextAt },
  }));
  await db.insertMany('hopper', rows, trx);
  await trx<BlockRow>('hopper_blocks').insert({
    ...{
      id,
      held_by: by,
      held_at: now,
      claim: null,
      campaign_id: campaignId,
      size: leads.length,
      turn: lead.nextAt,
    },
    tier: tierOf({ state: lead.reservedFrom as OpenState, priority: lead.priority }),
  });
}

/** Null: there is no block free. Leads that stand otherwise by now are gone from those that there were. */
async function take(db: Database, request: Claim): Promise<ReservedLead[] | null> {
  const claim = await claimBlocks(db, request);
  if (claim === null) return null;
  const rows = await readClaimed(db, request, claim);
  const standing = rows.flatMap(({ lead, phones }) => (lead ? [{ lead, phones }] : []));
  const { leads, withoutPhone } = dialable(standing, request);
  const held = new Set(leads.map(({ id }) => id));
  const gone = rows.filter(({ leadId }) => !held.has(leadId));
  if (gone.length > 0)
    await db.transaction(async (trx) => {
      await blockWithoutPhone(trx, withoutPhone, request.now);
      // Of these blocks only: somebody may have chosen such a lead by hand since.
      await trx('hopper')
        .whereIn('lead_id', gone.map(({ leadId }) => leadId))
        .whereIn('block', [...new Set(gone.map(({ block }) => block))])
        .delete(); // prettier-ignore
    });
  return leads;
}

/** Those with a number that comes next, in their order, and the ids of the others. */
function dialable(
  rows: readonly { lead: LeadRow; phones: readonly string[] }[],
  { by, now }: { by: string; now: number },
): { leads: ReservedLead[]; withoutPhone: number[] } {
  const leads: ReservedLead[] = [];
  const withoutPhone: number[] = [];
  for (const { lead: row, phones } of rows) {
    const lead = leadFromRow(row);
    const next = nextNumberOf(lead, phones);
    if (next) leads.push(reservedLead(lead, { by, now, from: lead.state, next }));
    else withoutPhone.push(lead.id);
  }
  return { leads, withoutPhone };
}

async function blockWithoutPhone(trx: Knex.Transaction, ids: readonly number[], now: number): Promise<void> {
  if (ids.length === 0) return;
  await trx<LeadRow>('leads')
    .whereIn('id', [...ids])
    .whereIn('state', [...openStates])
    .update({ state: 'blocked', state_reason: 'no-phone', updated_at: now, ...unreserved });
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
