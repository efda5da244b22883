import { randomInt } from 'node:crypto';
import type { Knex } from 'knex';
import type { Database } from '../../core/database/database.ts';
import { blockSize, nobody, standsAsTaken, type BlockRow, type HopperRow } from './hopper-row.ts';
import { unreserved, type LeadRow } from './lead-row.ts';

export interface Claim {
  readonly campaignId: number;
  readonly count: number;
  readonly by: string;
  readonly now: number;
  /**
   * `whole`: only full measures of blocks, of which some may have lost leads; `exact`: as many leads as are wanted, the
   * last block split; `wait`: the same, and what others have locked is waited for and not passed over.
   */
  readonly how: 'whole' | 'exact' | 'wait';
}

/** A row of the hopper with its lead. */
export interface TakenRow {
  readonly leadId: number;
  readonly block: number;
  /** Null: it stands otherwise by now, or there is no such lead any more. */
  readonly lead: LeadRow | null;
  /** Numbers of its customer, in the order they are called. */
  readonly phones: readonly string[];
}

type FreeBlock = Pick<BlockRow, 'id' | 'tier' | 'turn' | 'size'>;

const largestClaim = 2 ** 47;
/** Blocks looked at beyond those that would do if all were full. */
const spareBlocks = 4;

/** Writes the dialer's name into the first free blocks, and a number that finds these again; null: there is none free. */
export async function claimBlocks(db: Database, request: Claim): Promise<number | null> {
  const claim = randomInt(1, largestClaim);
  const blocks = Math.floor(request.count / blockSize);
  // Embedded no statement is waited for, and there is one writer: a transaction costs nothing.
  const isWhole = request.how === 'whole' && blocks > 0 && db.engine !== 'sqlite';
  const claimed = isWhole
    ? await claimWhole(db, { ...request, claim, blocks })
    : await db.transaction((trx) => claimExactly(db, trx, { ...request, claim }));
  return claimed > 0 ? claim : null;
}

/** The order in which blocks are given out. */
const blockOrder = ['tier', 'turn', 'id'] as const;

function freeBlocks(knex: Knex | Knex.Transaction, campaignId: number, most: number) {
  return knex<BlockRow>('hopper_blocks')
    .where({ held_by: nobody, campaign_id: campaignId })
    .orderBy([...blockOrder])
    .limit(most);
}

async function claimWhole(
  db: Database,
  { campaignId, by, now, claim, blocks }: Claim & { claim: number; blocks: number },
): Promise<number> {
  const free = db.skipLocked(freeBlocks(db.knex, campaignId, blocks).select('id')).as('free');
  return db
    .knex('hopper_blocks')
    .join(free as never, 'free.id', 'hopper_blocks.id')
    .where('hopper_blocks.held_by', nobody)
    .update({ held_by: by, held_at: now, claim });
}

async function claimExactly(
  db: Database,
  trx: Knex.Transaction,
  { campaignId, count, by, now, how, claim }: Claim & { claim: number },
): Promise<number> {
  const most = Math.ceil(count / blockSize) + spareBlocks;
  const query = freeBlocks(trx, campaignId, most).select('id', 'tier', 'turn', 'size');
  const free = (await (how === 'wait' ? query.forUpdate() : db.skipLocked(query))) as FreeBlock[];
  const taken: number[] = [];
  let left = count;
  for (const block of free) {
    if (left <= 0) break;
    if (block.size > left) await split(trx, campaignId, block, left);
    taken.push(block.id);
    left -= block.size;
  }
  if (taken.length === 0) return 0;
  const rows = await trx<BlockRow>('hopper_blocks')
    .whereIn('id', taken)
    .where({ held_by: nobody })
    .update({ held_by: by, held_at: now, claim });
  // They are locked by this transaction; anything else would be leads given out twice.
  if (rows !== taken.length) throw new Error(`reserved ${rows} of ${taken.length} locked blocks`);
  return rows;
}

/** Leaves a block, which the transaction has locked, its first leads; the others become a block of their own. */
async function split(
  trx: Knex.Transaction,
  campaignId: number,
  block: FreeBlock,
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
    ...{ id, held_by: nobody, held_at: null, claim: null, campaign_id: campaignId, tier: block.tier },
    ...{ turn: rest[0]!.next_at, size: rest.length },
  });
  await trx<BlockRow>('hopper_blocks').where({ id: block.id }).update({ size: keep });
}

/** Of a lead in the hopper; what nobody asks of one that is not in a call is left out: reading is most of the work. */
const leadColumns = [
  ...['id', 'customer_id', 'list_id', 'state', 'state_reason', 'priority', 'attempts', 'phone_position'],
  ...['next_at', 'tries', 'last_outcome', 'last_disposition_id', 'last_attempt_at', 'agent_id'],
  ...['created_at', 'updated_at'],
] as const;

type ClaimedRow = LeadRow & {
  tier: number;
  turn: number;
  block: number;
  taken_id: number;
  taken_next_at: number;
  stands: 0 | 1 | null;
  e164: string | null;
  position: number | null;
};

/** What a dialer has claimed, in dialling order: in one question, as each costs more than its rows where many ask at once. */
export async function readClaimed(
  db: Database,
  { by, campaignId }: Pick<Claim, 'by' | 'campaignId'>,
  claim: number,
): Promise<TakenRow[]> {
  const rows: ClaimedRow[] = await db
    .knex('hopper_blocks')
    .where({ held_by: by, 'hopper_blocks.campaign_id': campaignId, claim })
    // From the left to the right, whatever the engine thinks of its tables: blocks are few.
    .leftJoin('hopper', 'hopper.block', 'hopper_blocks.id')
    .leftJoin('leads', 'leads.id', 'hopper.lead_id')
    .leftJoin('customer_phones', 'customer_phones.customer_id', 'leads.customer_id')
    .select(leadColumns.map((name) => `leads.${name}`))
    .select('hopper.block', 'tier', 'turn', 'customer_phones.e164', 'customer_phones.position')
    .select({ taken_id: 'hopper.lead_id', taken_next_at: 'hopper.next_at' })
    .select(db.knex.raw(`case when ${standsAsTaken} then 1 end as stands`));
  const found = rows.filter(({ taken_id }) => taken_id !== null).sort(dialledBefore);
  const taken: (TakenRow & { phones: string[] })[] = [];
  for (const row of found) {
    // A lead comes once for each number of its customer.
    const last = taken.at(-1);
    if (last?.leadId === row.taken_id) last.phones.push(row.e164!);
    else
      taken.push({
        ...{ leadId: row.taken_id, block: row.block, phones: row.e164 === null ? [] : [row.e164] },
        lead: row.stands ? Object.assign(row, unreserved, { campaign_id: campaignId }) : null,
      });
  }
  return taken;
}

function dialledBefore(a: ClaimedRow, b: ClaimedRow): number {
  return (
    a.tier - b.tier ||
    a.turn - b.turn ||
    a.block - b.block ||
    a.taken_next_at - b.taken_next_at ||
    a.taken_id - b.taken_id ||
    a.position! - b.position! ||
    (a.e164! < b.e164! ? -1 : 1)
  );
}
