import type { Knex } from 'knex';
import { leadFromRow, type LeadRow } from './lead-row.ts';
import type { Lead, LeadState } from './lead.ts';

/** A lead dialable soon, or one that a dialer holds, as the table `hopper` has it. */
export interface HopperRow {
  held_by: string;
  campaign_id: number;
  tier: number;
  turn: number;
  lead_id: number;
  state: string;
  next_at: number;
  agent_id: number | null;
  held_at: number | null;
}

/** `held_by` of what nobody has reserved. */
export const nobody = '';

/** 1 is called first. */
export const leadPriorities = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

export type OpenState = 'new' | 'waiting' | 'callback';
/** States in which a lead may be reserved. */
export const openStates: readonly OpenState[] = ['new', 'waiting', 'callback'];

/** Where due leads lie in the index `leads_due`: one range for each state and priority. */
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

/** A lead and who holds it. What the hopper says holds only while the lead stands as it did when it was put there. */
export interface HeldLeadRow extends LeadRow {
  held_by: string | null;
  held_at: number | null;
}

export function leadsWithHolder(
  knex: Knex | Knex.Transaction,
  which: Readonly<Record<string, number>>,
): Knex.QueryBuilder<HeldLeadRow, HeldLeadRow[]> {
  const rows: Knex.QueryBuilder = knex('leads').leftJoin('hopper', (join) => {
    join.on('hopper.lead_id', 'leads.id').on(stillHeld(knex));
  });
  return rows.where(which).select('leads.*', 'hopper.held_by', 'hopper.held_at');
}

/** Leads that are not in the hopper, held or not. */
export function outsideHopper(knex: Knex | Knex.Transaction): Knex.QueryBuilder {
  return knex('leads').leftJoin('hopper', 'hopper.lead_id', 'leads.id').whereNull('hopper.lead_id');
}

/** A row of `hopper` binds the lead of a row of `leads`. */
export function stillHeld(knex: Knex | Knex.Transaction): Knex.Raw {
  return knex.raw('hopper.held_by <> ? and hopper.state = leads.state and hopper.next_at = leads.next_at', [
    nobody,
  ]);
}

/** How many leads of a campaign dialers hold, by the state that they came from. */
export async function heldByState(
  knex: Knex,
  campaignId: number,
): Promise<{ state: OpenState; count: number }[]> {
  const rows: { state: OpenState; count: number | string }[] = await knex('hopper')
    .join('leads', 'leads.id', 'hopper.lead_id')
    .where({ 'hopper.campaign_id': campaignId })
    .whereRaw(stillHeld(knex))
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
