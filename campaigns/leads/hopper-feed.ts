import type { Knex } from 'knex';
import type { Database } from '../../core/database/database.ts';
import { blockId, blockSize, bucketOrder, nobody, outsideHopper, tierOf, type BlockRow, type Bucket } from './hopper-row.ts'; // prettier-ignore

export interface Feed {
  readonly campaignId: number;
  readonly now: number;
  /** Also when the hopper was filled up a moment ago, and after waiting for whoever is filling it. */
  readonly force?: boolean;
  /** Free leads there shall be at the least. */
  readonly least?: number;
}

interface FeedRow {
  campaign_id: number;
  fed_at: number;
  level: number;
  next_block: number;
}

/** Filled up so often; a callback that falls due or a lead of higher priority is seen within this time. */
export const feedEveryMs = 500;
/** Free leads in a hopper: so many times what was used since it was filled up last. */
const ahead = 4;
/** Dialers come for many leads at once, and then for seconds not: what is left of a hopper's size from filling to filling. */
const slowly = 0.98;
const smallest = 500;
const largest = 20_000;

/**
 * Fills the hopper of a campaign with its due leads that anybody may take, in dialling order. One does it at a time,
 * whichever dialer comes first; the others go on. Returns how many leads came in. Leads are only read here, and nothing
 * in the hopper binds a lead: whoever takes one looks whether it still stands as it did. `fedAt`: null where somebody else
 * is just about it.
 */
async function feedHopper(
  db: Database,
  { campaignId, now, force, least = 0 }: Feed,
): Promise<{ came: number; fedAt: number | null }> {
  return db.transaction(async (trx) => {
    const last = await lockFeed(db, trx, campaignId, force ?? false);
    if (last === 'busy') return { came: 0, fedAt: null };
    if (!force && isFresh(last, now, feedEveryMs)) return { came: 0, fedAt: last.fed_at };
    await dropEmptyBlocks(trx, campaignId);
    const before = await freeIn(trx, campaignId);
    const used = Math.max(0, last.level - before.count);
    const wanted = Math.min(
      largest,
      Math.max(smallest, least, used * ahead, Math.floor(last.level * slowly)),
    );
    let free = before.count;
    for (const bucket of await bucketsDue(trx, campaignId, now)) {
      // What goes before all that is in the hopper comes in even when it is full.
      const limit = tierOf(bucket) < before.lastTier ? wanted : wanted - free;
      if (limit <= 0) continue;
      await copyBucket(db, trx, { campaignId, now, bucket, limit });
      free = (await freeIn(trx, campaignId)).count;
    }
    const came = free - before.count;
    if (free > 2 * wanted) await dropLast(db, trx, campaignId, free - wanted);
    const level = Math.min(free, wanted);
    await trx<FeedRow>('hopper_feeds').where({ campaign_id: campaignId }).update({ fed_at: now, level });
    return { came, fedAt: now };
  });
}

export type Feeds = ReturnType<typeof createFeeds>;

/** A hopper that nobody has filled up for so long is filled up by whoever reserves. */
const unfedMs = 2_000;

/** The hoppers of a database as one process fills them up. */
export function createFeeds(db: Database) {
  /** When a campaign's hopper was filled up, as far as was seen here. */
  const seen = new Map<number, Pick<FeedRow, 'fed_at'>>();

  /** Whether the hopper was filled up lately, by whomever. */
  async function isFed(campaignId: number, now: number): Promise<boolean> {
    const known = seen.get(campaignId);
    if (known && isFresh(known, now, unfedMs)) return true;
    const row = await db.knex<FeedRow>('hopper_feeds').where({ campaign_id: campaignId }).first();
    return row !== undefined && isFresh(see(row), now, unfedMs);
  }

  function see(row: Pick<FeedRow, 'campaign_id' | 'fed_at'>) {
    seen.set(row.campaign_id, { fed_at: row.fed_at });
    return row;
  }

  async function feed(which: Feed): Promise<number> {
    const { came, fedAt } = await feedHopper(db, which);
    if (fedAt !== null) see({ campaign_id: which.campaignId, fed_at: fedAt });
    return came;
  }

  return { isFed, feed };
}

function isFresh({ fed_at }: Pick<FeedRow, 'fed_at'>, now: number, withinMs: number): boolean {
  return now >= fed_at && now - fed_at < withinMs;
}

/** Nobody else puts leads into the hopper of this campaign until the transaction ends; `busy`: somebody does now. */
export async function lockFeed(
  db: Database,
  trx: Knex.Transaction,
  campaignId: number,
  wait: boolean,
): Promise<FeedRow | 'busy'> {
  const query = trx<FeedRow>('hopper_feeds').where({ campaign_id: campaignId });
  const locked = (await (wait ? query.clone().forUpdate() : db.skipLocked(query.clone()))) as FeedRow[];
  if (locked[0]) return locked[0];
  if (!wait && (await query.clone().first())) return 'busy';
  const row: FeedRow = { campaign_id: campaignId, fed_at: 0, level: 0, next_block: 0 };
  // Two may come first at once: the second waits for the first here.
  await trx('hopper_feeds').insert(row).onConflict(['campaign_id']).merge(['campaign_id']);
  return (await query.clone().forUpdate().first())!;
}

/** Numbers of as many blocks as `leads` need, for whoever has the feed of this campaign locked: the first of them. */
export async function takeNumbers(trx: Knex.Transaction, campaignId: number, leads: number): Promise<number> {
  const first = await nextNumber(trx, campaignId);
  if (leads > 0)
    await trx<FeedRow>('hopper_feeds')
      .where({ campaign_id: campaignId })
      .update({ next_block: first + Math.ceil(leads / blockSize) * blockSize });
  return first;
}

async function nextNumber(trx: Knex.Transaction, campaignId: number): Promise<number> {
  const feed = await trx<FeedRow>('hopper_feeds').where({ campaign_id: campaignId }).first('next_block');
  return feed!.next_block;
}

/** About how many: a block may have lost some since it was made. */
async function freeIn(
  trx: Knex.Transaction,
  campaignId: number,
): Promise<{ count: number; lastTier: number }> {
  const row = (await trx<BlockRow>('hopper_blocks')
    .where({ held_by: nobody, campaign_id: campaignId })
    .sum({ count: 'size' })
    .max({ lastTier: 'tier' })
    .first()) as { count: number | string | null; lastTier: number | null };
  return { count: Number(row.count ?? 0), lastTier: row.lastTier ?? 0 };
}

/** Leads leave the hopper one by one; a block that has none left never gets any. */
async function dropEmptyBlocks(trx: Knex.Transaction, campaignId: number): Promise<void> {
  const empty: { id: number }[] = await trx('hopper_blocks')
    .leftJoin('hopper', 'hopper.block', 'hopper_blocks.id')
    .where({ campaign_id: campaignId })
    .whereNull('hopper.lead_id')
    .limit(500)
    .select('hopper_blocks.id');
  if (empty.length > 0) await trx('hopper_blocks').whereIn('id', empty.map(({ id }) => id)).delete(); // prettier-ignore
}

/** Leads of a bucket that are due, not in the hopper, and anybody's. */
function dueIn(trx: Knex.Transaction, campaignId: number, { state, priority }: Bucket, now: number) {
  return outsideHopper(trx)
    .where({ 'leads.campaign_id': campaignId, 'leads.state': state, 'leads.priority': priority })
    .where('leads.next_at', '<=', now)
    .modify((due) => {
      if (state === 'callback') due.where((anybodys) => handedOver(trx, anybodys, campaignId, now));
    });
}

/** Of no agent, or of one who has not come for it within the campaign's while. A guessed time hands nothing over. */
function handedOver(trx: Knex.Transaction, query: Knex.QueryBuilder, campaignId: number, now: number): void {
  // Null compares with nothing: where the campaign says so, each waits for its agent.
  const since = trx.raw('? - (select callback_handover_ms from campaigns where id = ?)', [now, campaignId]);
  const undated = trx('callbacks')
    .whereRaw('callbacks.lead_id = leads.id')
    .where({ 'callbacks.state': 'open', 'callbacks.time_agreed': 0 })
    .select(trx.raw('1'));
  query
    .whereNull('leads.agent_id')
    .orWhere((late) => late.where('leads.next_at', '<=', since).whereNotExists(undated));
}

/** Which buckets hold such a lead: one statement, one look into the index for each. */
async function bucketsDue(trx: Knex.Transaction, campaignId: number, now: number): Promise<Bucket[]> {
  const looks = bucketOrder.map((bucket, tier) =>
    trx.select('*').from(
      dueIn(trx, campaignId, bucket, now)
        .select(trx.raw('? as tier', [tier]))
        .limit(1)
        .as(`b_${tier}`),
    ),
  );
  const rows: { tier: number }[] = await looks[0]!.unionAll(looks.slice(1));
  const due = new Set(rows.map(({ tier }) => Number(tier)));
  return bucketOrder.filter((_, tier) => due.has(tier));
}

async function copyBucket(
  db: Database,
  trx: Knex.Transaction,
  from: { campaignId: number; now: number; bucket: Bucket; limit: number },
): Promise<void> {
  const { campaignId, now, bucket, limit } = from;
  const first = blockId(campaignId, await nextNumber(trx, campaignId));
  const next = dueIn(trx, campaignId, bucket, now)
    .orderBy(['leads.next_at', 'leads.id'])
    .limit(limit)
    .select('leads.id', 'leads.state', 'leads.next_at');
  const numbered = trx
    .from(next.as('due'))
    .select('id', 'state', 'next_at', trx.raw('row_number() over (order by next_at, id) - 1 as place'));
  const blocks = trx
    .from(numbered.as('numbered'))
    .select('id', trx.raw('? + place - place % ?', [first, blockSize]), 'state', 'next_at');
  const columns = ['lead_id', 'block', 'state', 'next_at'];
  const into = trx.raw(`?? (${columns.map(() => '??').join(', ')})`, ['hopper', ...columns]);
  await trx(into as unknown as string).insert(blocks);
  const made: { block: number; size: number | string; turn: number }[] = await trx('hopper')
    .where('block', '>=', first)
    .where('block', '<', first + Math.ceil(limit / blockSize) * blockSize)
    .groupBy('block')
    .select('block')
    .count({ size: '*' })
    .min({ turn: 'next_at' });
  const rows = made.map(({ block, size, turn }): BlockRow => ({
    ...{ id: block, held_by: nobody, held_at: null, claim: null, campaign_id: campaignId },
    ...{ tier: tierOf(bucket), turn, size: Number(size) },
  }));
  // A block has as many numbers as leads, and no more: mostly there come few.
  await takeNumbers(trx, campaignId, rows.reduce((sum, { size }) => sum + size, 0)); // prettier-ignore
  await db.insertMany('hopper_blocks', rows, trx);
}

/** Leaves the hopper to those dialled first; the others come back when there is room. */
async function dropLast(
  db: Database,
  trx: Knex.Transaction,
  campaignId: number,
  count: number,
): Promise<void> {
  const query = trx<BlockRow>('hopper_blocks')
    .where({ held_by: nobody, campaign_id: campaignId })
    .orderBy(['tier', 'turn', 'id'].map((column) => ({ column, order: 'desc' })))
    .limit(Math.floor(count / blockSize))
    .select('id');
  const last = ((await db.skipLocked(query)) as Pick<BlockRow, 'id'>[]).map(({ id }) => id);
  await dropBlocks(trx, last);
}

/** The order of a campaign's leads has changed: what nobody holds comes in anew. */
export async function emptyHopper(db: Database, campaignId: number): Promise<void> {
  await db.transaction(async (trx) => {
    await lockFeed(db, trx, campaignId, true);
    const free = trx<BlockRow>('hopper_blocks')
      .where({ held_by: nobody, campaign_id: campaignId })
      .select('id');
    // One that a dialer takes in this moment is left to it.
    await dropBlocks(trx, ((await db.skipLocked(free)) as Pick<BlockRow, 'id'>[]).map(({ id }) => id)); // prettier-ignore
    await trx<FeedRow>('hopper_feeds').where({ campaign_id: campaignId }).update({ fed_at: 0 });
  });
}

/** Takes whole blocks out of the hopper. Returns how many leads were in them. */
export async function dropBlocks(trx: Knex.Transaction, ids: readonly number[]): Promise<number> {
  let leads = 0;
  for (let from = 0; from < ids.length; from += 500) {
    const some = ids.slice(from, from + 500);
    leads += await trx('hopper').whereIn('block', some).delete();
    await trx('hopper_blocks').whereIn('id', some).delete();
  }
  return leads;
}
