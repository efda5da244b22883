import type { Knex } from 'knex';
import type { Database } from '../../core/database/database.ts';
import { leadFromRow, unreserved, type LeadRow } from './lead-row.ts';
import { nextPhone, type LeadState, type ReservedLead } from './lead.ts';

/** 1 is called first. */
export const leadPriorities = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

export interface Reserve {
  readonly campaignId: number;
  readonly count: number;
  /** The dialer (or web process) that reserves; `releaseAllOf` takes the same. */
  readonly by: string;
  readonly now: number;
  /** Also callbacks that belong to these agents; anyone's are always taken. */
  readonly agentIds?: readonly number[];
}

/** Where due leads lie in the index `leads_due`: one range for each state and priority. */
interface Bucket {
  readonly state: LeadState;
  readonly priority: number;
}

/** Promised callbacks first, of any priority; then priority by priority, due retries before new leads. */
const bucketOrder: readonly Bucket[] = [
  ...leadPriorities.map((priority): Bucket => ({ state: 'callback', priority })),
  ...leadPriorities.flatMap((priority): Bucket[] => [
    { state: 'waiting', priority },
    { state: 'new', priority },
  ]),
];

/**
 * Reserves up to `count` due leads. Each bucket is one range of the index, so the cost grows with `count` and not with
 * the table. On MariaDB rows are locked with SKIP LOCKED, so that two dialers never wait for each other or share a
 * lead; on SQLite there is one writer. The state is in the update's where on both.
 */
export async function reserveDue(
  db: Database,
  request: Reserve,
  phonesOf: (customerIds: readonly number[], trx: Knex.Transaction) => Promise<Map<number, string[]>>,
): Promise<{ reserved: ReservedLead[]; withoutPhone: number[] }> {
  const { campaignId, count, by, now } = request;
  if (count <= 0) return { reserved: [], withoutPhone: [] };
  const buckets = await bucketsDue(db, campaignId, now);
  if (buckets.length === 0) return { reserved: [], withoutPhone: [] };
  return db.transaction(async (trx) => {
    const reserved: ReservedLead[] = [];
    const withoutPhone: number[] = [];
    for (const bucket of buckets) {
      const wanted = count - reserved.length;
      if (wanted <= 0) break;
      const rows = await lockBucket(db, trx, request, bucket, wanted);
      if (rows.length === 0) continue;
      const phones = await phonesOf(rows.map((row) => row.customer_id), trx); // prettier-ignore
      const callable: ReservedLead[] = [];
      for (const row of rows) {
        const lead = leadFromRow(row);
        const next = nextPhone(phones.get(lead.customerId) ?? [], lead.phonePosition, lead.tries.dead);
        if (!next) withoutPhone.push(lead.id);
        else
          callable.push({
            ...lead,
            state: 'reserved',
            reservedFrom: bucket.state,
            reservedBy: by,
            reservedAt: now,
            phonePosition: next.position,
            e164: next.e164,
          });
      }
      await markReserved(trx, callable, bucket.state, by, now);
      reserved.push(...callable);
      const lost = rows.length - callable.length;
      if (lost > 0)
        await trx<LeadRow>('leads')
          .whereIn('id', withoutPhone)
          .where({ state: bucket.state })
          .update({ state: 'blocked', state_reason: 'no-phone', updated_at: now, ...unreserved });
    }
    return { reserved, withoutPhone };
  });
}

/** Which buckets hold a due lead now: one statement, one look into the index for each. */
async function bucketsDue(db: Database, campaignId: number, now: number): Promise<Bucket[]> {
  const look = ({ state, priority }: Bucket) =>
    db
      .knex('leads')
      .where({ campaign_id: campaignId, state, priority })
      .where('next_at', '<=', now)
      .select('state', 'priority')
      .limit(1);
  const wrapped = bucketOrder.map((bucket) =>
    db.knex.select('*').from(look(bucket).as(`b_${bucket.state}_${bucket.priority}`)),
  );
  const found: Bucket[] = await wrapped[0]!.unionAll(wrapped.slice(1));
  const due = new Set(found.map(({ state, priority }) => `${state} ${priority}`));
  return bucketOrder.filter(({ state, priority }) => due.has(`${state} ${priority}`));
}

async function lockBucket(
  db: Database,
  trx: Knex.Transaction,
  request: Reserve,
  { state, priority }: Bucket,
  limit: number,
): Promise<LeadRow[]> {
  const query = trx<LeadRow>('leads')
    .where({ campaign_id: request.campaignId, state, priority })
    .where('next_at', '<=', request.now)
    .modify((q) => {
      if (state !== 'callback') return;
      q.where((mine) => {
        mine.whereNull('agent_id');
        if (request.agentIds?.length) mine.orWhereIn('agent_id', request.agentIds);
      });
    })
    .orderBy([{ column: 'next_at' }, { column: 'id' }])
    .limit(limit)
    .select('*');
  return (await db.skipLocked(query)) as LeadRow[];
}

async function markReserved(
  trx: Knex.Transaction,
  leads: readonly ReservedLead[],
  from: LeadState,
  by: string,
  now: number,
): Promise<void> {
  const byPosition = new Map<number, number[]>();
  for (const lead of leads)
    byPosition.set(lead.phonePosition, [...(byPosition.get(lead.phonePosition) ?? []), lead.id]);
  for (const [phone_position, ids] of byPosition) {
    const rows = await trx<LeadRow>('leads').whereIn('id', ids).where({ state: from }).update({
      state: 'reserved',
      reserved_by: by,
      reserved_at: now,
      reserved_from: from,
      phone_position,
      updated_at: now,
    });
    // The rows are locked by this transaction; anything else would be a lead given out twice.
    if (rows !== ids.length) throw new Error(`reserved ${rows} of ${ids.length} locked leads`);
  }
}
