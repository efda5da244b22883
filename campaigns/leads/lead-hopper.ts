import type { Knex } from 'knex';
import type { Database } from '../../core/database/database.ts';
import { feedHopper, isFed, lockFeed, takeNumbers } from './hopper-feed.ts';
import {
  blockId,
  blockSize,
  leadPriorities,
  nobody,
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
/** A row of the hopper with its lead as it stands now; null columns: the lead is gone. */
type TakenRow = LeadRow & { taken_id: number; taken_state: string; taken_next_at: number };

/** A hopper that nobody has filled up for so long is filled up by whoever reserves. */
const unfedMs = 2_000;

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
): Promise<ReservedLead[]> {
  const { campaignId, count, now } = request;
  if (count <= 0) return [];
  const reserved = await takeOwn(db, request, phonesOf);
  if (reserved.length >= count) return reserved;
  if (!(await isFed(db, campaignId, now, unfedMs))) await feedHopper(db, { campaignId, now });
  for (let fed = false, wait = false; ;) {
    const wanted = count - reserved.length;
    const { leads, blocks } = await take(db, { ...request, count: wanted, wait }, phonesOf);
    reserved.push(...leads);
    if (reserved.length >= count) return reserved;
    if (blocks > 0) continue; // Some stood otherwise by now; there may be more.
    if (!wait) {
      // Others may just be splitting the last blocks there are: what they leave is seen once they have.
      wait = true;
      continue;
    }
    if (fed || (await feedHopper(db, { campaignId, now, force: true, least: wanted })) === 0) return reserved;
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
    const leads = await dialable(trx, found, { by, now, phonesOf });
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
    ...{ id, held_by: by, held_at: now, campaign_id: campaignId, size: leads.length, turn: lead.nextAt },
    tier: tierOf({ state: lead.reservedFrom as OpenState, priority: lead.priority }),
  });
}

/** `blocks`: how many were looked at; leads that stand otherwise by now are gone from them. */
async function take(
  db: Database,
  request: Reserve & { wait: boolean },
  phonesOf: PhonesOf,
): Promise<{ leads: ReservedLead[]; blocks: number }> {
  const { by, now } = request;
  return db.transaction(async (trx) => {
    const blocks = await claim(db, trx, request);
    if (blocks.length === 0) return { leads: [], blocks: 0 };
    const place = new Map(blocks.map((id, index) => [id, index]));
    const rows: (TakenRow & { block: number })[] = await trx('hopper')
      .leftJoin('leads', 'leads.id', 'hopper.lead_id')
      .whereIn('hopper.block', blocks)
      .select('leads.*', { block: 'hopper.block', taken_id: 'hopper.lead_id' })
      .select({ taken_state: 'hopper.state', taken_next_at: 'hopper.next_at' });
    rows.sort(
      (a, b) =>
        place.get(a.block)! - place.get(b.block)! ||
        a.taken_next_at - b.taken_next_at ||
        a.taken_id - b.taken_id,
    );
    const standing = rows.filter((row) => row.state === row.taken_state && row.next_at === row.taken_next_at);
    const leads = await dialable(trx, standing, { by, now, phonesOf });
    const held = new Set(leads.map(({ id }) => id));
    const gone = rows.flatMap(({ taken_id }) => (held.has(taken_id) ? [] : [taken_id]));
    if (gone.length > 0) await trx('hopper').whereIn('lead_id', gone).delete();
    return { leads, blocks: blocks.length };
  });
}

/** Writes the dialer's name into the first free blocks, of which the last is split where all of it would be too much. */
async function claim(
  db: Database,
  trx: Knex.Transaction,
  request: Reserve & { wait: boolean },
): Promise<number[]> {
  const { campaignId, count, by, now, wait } = request;
  const query = trx<BlockRow>('hopper_blocks')
    .where({ held_by: nobody, campaign_id: campaignId })
    .orderBy(['tier', 'turn', 'id'])
    .limit(Math.ceil(count / blockSize))
    .select('id', 'tier', 'turn', 'size');
  const free = (await (wait ? query.forUpdate() : db.skipLocked(query))) as Pick<
    BlockRow,
    'id' | 'tier' | 'turn' | 'size'
  >[];
  const taken: number[] = [];
  let left = count;
  for (const block of free) {
    if (left <= 0) break;
    if (block.size > left) await split(trx, campaignId, block, left);
    taken.push(block.id);
    left -= block.size;
  }
  if (taken.length === 0) return [];
  const rows = await trx<BlockRow>('hopper_blocks')
    .whereIn('id', taken)
    .where({ held_by: nobody })
    .update({ held_by: by, held_at: now });
  // They are locked by this transaction; anything else would be leads given out twice.
  if (rows !== taken.length) throw new Error(`reserved ${rows} of ${taken.length} locked blocks`);
  return taken;
}

/** Leaves a block, which the transaction has locked, its first leads; the others become a block of their own. */
async function split(
  trx: Knex.Transaction,
  campaignId: number,
  block: Pick<BlockRow, 'id' | 'tier' | 'size'>,
  keep: number,
): Promise<void> {
  const rest: Pick<HopperRow, 'lead_id' | 'next_at'>[] = await trx<HopperRow>('hopper')
    .where({ block: block.id })
    .orderBy(['next_at', 'lead_id'])
    .offset(keep)
    .limit(blockSize)
    .select('lead_id', 'next_at');
  if (rest.length === 0) return;
  // A block owns as many numbers as it has leads, and the second half starts where the first ends.
  const id = block.id + keep;
  await trx<HopperRow>('hopper').whereIn('lead_id', rest.map(({ lead_id }) => lead_id)).update({ block: id }); // prettier-ignore
  await trx<BlockRow>('hopper_blocks').insert({
    ...{ id, held_by: nobody, held_at: null, campaign_id: campaignId, tier: block.tier },
    ...{ turn: rest[0]!.next_at, size: rest.length },
  });
  await trx<BlockRow>('hopper_blocks').where({ id: block.id }).update({ size: keep });
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
    const next = nextNumberOf(lead, phones.get(lead.customerId) ?? []);
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
