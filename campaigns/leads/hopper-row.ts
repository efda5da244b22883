import type { Knex } from 'knex';
import { leadFromRow, type LeadRow } from './lead-row.ts';
import type { Lead, LeadState } from './lead.ts';

/** A lead dialable soon, or one that a dialer holds. What it says holds only while the lead still stands so. */
export interface HopperRow {
  lead_id: number;
  block: number;
  state: string;
  next_at: number;
}

/** Some leads of one campaign and tier that are given out together. */
export interface BlockRow {
  id: number;
  held_by: string;
  campaign_id: number;
  tier: number;
  turn: number;
  size: number;
  held_at: number | null;
  /** What was reserved with it; null: it is free, or was reserved alone. */
  claim: number | null;
}

/** Leads of a full block: the least that dialers reserve at once. */
export const blockSize = 20;
/** Each campaign numbers its blocks, as many numbers to a block as it has leads: one that is split has numbers left. */
const numbersEach = 2 ** 34;

export const blockId = (campaignId: number, number: number): number => campaignId * numbersEach + number;

/** `held_by` of what nobody has reserved. */
export const nobody = '';

/** 1 is called first. */
export const leadPriorities = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

export type OpenState = 'new' | 'waiting' | 'callback';
/** States in which a lead may be reserved. */
export const openStates: readonly OpenState[] = ['new', 'waiting', 'callback'];

/** Where due leads lie in the index `leads_due_tried`: one range for each state and priority. */
export interface Bucket {
  readonly state: OpenState;
  readonly priority: number;
}

/** Promised callbacks first, of any priority; then priority by priority, due retries before new leads. */
export const bucketOrder: readonly Bucket[] = [
  ...leadPriorities.map((priority): Bucket => ({ state: 'callback', priority })),
  ...leadPriorities.flatMap((priority): Bucket[] => [
    { state: 'waiting', priority },
    { state: 'new', priority },
  ]),
];

export function tierOf({ state, priority }: { state: OpenState; priority: number }): number {
  return bucketOrder.findIndex((bucket) => bucket.state === state && bucket.priority === priority);
}

/** A lead and who holds it. */
export interface HeldLeadRow extends LeadRow {
  held_by: string | null;
  held_at: number | null;
}

export function leadsWithHolder(
  knex: Knex | Knex.Transaction,
  which: Readonly<Record<string, number>> | ((query: Knex.QueryBuilder) => void),
): Knex.QueryBuilder<HeldLeadRow, HeldLeadRow[]> {
  const rows: Knex.QueryBuilder = knex('leads').leftJoin('hopper', (join) => {
    join.on('hopper.lead_id', 'leads.id').on(knex.raw(standsAsTaken));
  });
  return rows
    .modify(withHolder, 'left')
    .where(which as Knex.QueryCallback)
    .select('leads.*', 'hopper_blocks.held_by', 'hopper_blocks.held_at');
}

/** Joins the blocks that somebody holds to `hopper`; `left`: its other rows too. */
export function withHolder(query: Knex.QueryBuilder, kind: 'left' | 'inner' = 'inner'): void {
  const held: Knex.JoinCallback = (join) => {
    join.on('hopper_blocks.id', 'hopper.block').andOnVal('hopper_blocks.held_by', '<>', nobody);
  };
  void (kind === 'left' ? query.leftJoin('hopper_blocks', held) : query.join('hopper_blocks', held));
}

/** Ids of all leads that dialers have reserved, of a campaign or of all. */
export function heldLeadIds(knex: Knex | Knex.Transaction, campaignId?: number): Knex.QueryBuilder {
  return knex('hopper')
    .modify(withHolder)
    .modify((query) => {
      if (campaignId !== undefined) query.where({ 'hopper_blocks.campaign_id': campaignId });
    })
    .select('hopper.lead_id');
}

/** Leads that are not in the hopper, held or not. */
export function outsideHopper(knex: Knex | Knex.Transaction): Knex.QueryBuilder {
  return knex('leads').leftJoin('hopper', 'hopper.lead_id', 'leads.id').whereNull('hopper.lead_id');
}

/** Between a lead and its row in the hopper, once they are joined: it binds the lead. */
export const standsAsTaken = 'hopper.state = leads.state and hopper.next_at = leads.next_at';

/** How many leads of a campaign dialers hold, by the state that they came from. */
export async function heldByState(
  knex: Knex,
  campaignId: number,
): Promise<{ state: OpenState; count: number }[]> {
  const rows: { state: OpenState; count: number | string }[] = await knex('hopper')
    .modify(withHolder)
    .join('leads', 'leads.id', 'hopper.lead_id')
    .where({ 'hopper_blocks.campaign_id': campaignId })
    .whereRaw(standsAsTaken)
    .groupBy('leads.state')
    .select('leads.state')
    .count({ count: '*' });
  return rows.map(({ state, count }) => ({ state, count: Number(count) }));
}

/** A held lead is `reserved`, whatever state it came from and goes back to. */
export function leadWithHolder(row: HeldLeadRow): Lead {
  const lead = leadFromRow(row);
  if (row.held_by === null) return lead;
  return { ...lead, state: 'reserved', reservedFrom: lead.state, reservedBy: row.held_by, reservedAt: row.held_at }; // prettier-ignore
}

export function isOpen(state: LeadState): state is OpenState {
  return (openStates as readonly string[]).includes(state);
}
