import type { Knex } from 'knex';
import type { Database } from '../../core/database/database.ts';
import { bucketOrder, nobody, outsideHopper, tierOf, type Bucket, type HopperRow } from './hopper-row.ts';

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
}

/** Filled up so often; a callback that falls due or a lead of higher priority is seen within this time. */
export const feedEveryMs = 500;
/** Free leads in a hopper: so many times what was used since it was filled up last. */
const ahead = 4;
const smallest = 500;
const largest = 20_000;

/**
 * Fills the hopper of a campaign with its due leads that anybody may take, in dialling order. One does it at a time,
 * whichever dialer comes first; the others go on. Returns how many leads came in. Leads are only read here, and nothing
 * in the hopper binds a lead: whoever takes one looks whether it still stands as it did.
 */
export async function feedHopper(db: Database, { campaignId, now, force, least = 0 }: Feed): Promise<number> {
  return db.transaction(async (trx) => {
    const last = await lockFeed(db, trx, campaignId, force ?? false);
    if (last === 'busy' || (!force && isFresh(last, now, feedEveryMs))) return 0;
    const before = await freeIn(trx, campaignId);
    const used = Math.max(0, last.level - before.count);
    const wanted = Math.min(largest, Math.max(smallest, least, used * ahead));
    let free = before.count;
    for (const bucket of await bucketsDue(trx, campaignId, now)) {
      // What goes before all that is in the hopper comes in even when it is full.
      const limit = tierOf(bucket) < before.lastTier ? wanted : wanted - free;
      if (limit <= 0) continue;
      await copyBucket(trx, { campaignId, now, bucket, limit });
      free = (await freeIn(trx, campaignId)).count;
    }
    const came = free - before.count;
    if (free > 2 * wanted) await dropLast(db, trx, campaignId, free - wanted);
    const level = Math.min(free, wanted);
    await trx<FeedRow>('hopper_feeds').where({ campaign_id: campaignId }).update({ fed_at: now, level });
    return came;
  });
}

/** Whether the hopper was filled up within `withinMs`. A clock that was set back makes nothing fresh. */
export async function isFed(
  db: Database,
  campaignId: number,
  now: number,
  withinMs: number,
): Promise<boolean> {
  const row = await db.knex<FeedRow>('hopper_feeds').where({ campaign_id: campaignId }).first();
  return row !== undefined && isFresh(row, now, withinMs);
}

function isFresh({ fed_at }: FeedRow, now: number, withinMs: number): boolean {
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
  const row: FeedRow = { campaign_id: campaignId, fed_at: 0, level: 0 };
  // Two may come first at once: the second waits for the first here.
  await trx('hopper_feeds').insert(row).onConflict(['campaign_id']).merge(['campaign_id']);
  return (await query.clone().forUpdate().first())!;
}

async function freeIn(
  trx: Knex.Transaction,
  campaignId: number,
): Promise<{ count: number; lastTier: number }> {
  const row = (await trx('hopper')
    .where({ held_by: nobody, campaign_id: campaignId })
    .count({ count: '*' })
    .max({ lastTier: 'tier' })
    .first()) as { count: number | string; lastTier: number | null };
  return { count: Number(row.count), lastTier: row.lastTier ?? 0 };
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
  trx: Knex.Transaction,
  from: { campaignId: number; now: number; bucket: Bucket; limit: number },
): Promise<void> {
  const { campaignId, now, bucket, limit } = from;
  const columns = ['held_by', 'campaign_id', 'tier', 'turn', 'lead_id', 'state', 'next_at', 'agent_id'];
  const leads = dueIn(trx, campaignId, bucket, now)
    .orderBy(['leads.next_at', 'leads.id'])
    .limit(limit)
    .select(trx.raw('?, leads.campaign_id, ?', [nobody, tierOf(bucket)]), {
      ...{ turn: 'leads.next_at', lead: 'leads.id', was: 'leads.state', due: 'leads.next_at' },
      agent: 'leads.agent_id',
    });
  const into = trx.raw(`?? (${columns.map(() => '??').join(', ')})`, ['hopper', ...columns]);
  await trx(into as unknown as string).insert(leads);
}

/** Leaves the hopper to those dialled first; the others come back when there is room. */
async function dropLast(
  db: Database,
  trx: Knex.Transaction,
  campaignId: number,
  count: number,
): Promise<void> {
  const query = trx<HopperRow>('hopper')
    .where({ held_by: nobody, campaign_id: campaignId })
    .orderBy(['tier', 'turn', 'lead_id'].map((column) => ({ column, order: 'desc' })))
    .limit(count)
    .select('lead_id');
  const last = (await db.skipLocked(query)) as Pick<HopperRow, 'lead_id'>[];
  for (let from = 0; from < last.length; from += 500)
    await trx('hopper')
      .where({ held_by: nobody })
      .whereIn(
        'lead_id',
        last.slice(from, from + 500).map(({ lead_id }) => lead_id),
      ) // prettier-ignore
      .delete();
}
