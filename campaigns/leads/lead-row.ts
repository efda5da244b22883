import type { Knex } from 'knex';
import type { Lead, LeadState, Tries } from './lead.ts';
import type { AttemptOutcome } from './outcome.ts';

/** A lead as the table holds it. */
export interface LeadRow {
  id: number;
  campaign_id: number;
  customer_id: number;
  list_id: number;
  state: string;
  state_reason: string | null;
  priority: number;
  attempts: number;
  phone_position: number;
  next_at: number;
  tries: string | null;
  last_outcome: string | null;
  last_disposition_id: number | null;
  last_attempt_at: number | null;
  reserved_by: string | null;
  reserved_at: number | null;
  reserved_from: string | null;
  agent_id: number | null;
  created_at: number;
  updated_at: number;
}

const untried: Tries = { outcomes: {}, dead: [] };

export function leadFromRow(row: LeadRow): Lead {
  return {
    id: row.id,
    campaignId: row.campaign_id,
    customerId: row.customer_id,
    listId: row.list_id,
    state: row.state as LeadState,
    stateReason: row.state_reason,
    priority: row.priority,
    attempts: row.attempts,
    phonePosition: row.phone_position,
    nextAt: row.next_at,
    tries: row.tries ? (JSON.parse(row.tries) as Tries) : untried,
    lastOutcome: row.last_outcome as AttemptOutcome | null,
    lastDispositionId: row.last_disposition_id,
    lastAttemptAt: row.last_attempt_at,
    reservedBy: row.reserved_by,
    reservedAt: row.reserved_at,
    reservedFrom: row.reserved_from as LeadState | null,
    agentId: row.agent_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Columns of a lead that is in nobody's hopper. */
/**
 * Narrows to leads that were never called. One that was put back to work counts its attempts anew, and keeps how the last
 * has ended; a call that never left has no outcome.
 */
export function neverCalled(leads: Knex.QueryBuilder): void {
  void leads
    .where({ 'leads.attempts': 0 })
    .whereNull('leads.last_outcome')
    .whereNot({ 'leads.state': 'dialing' });
}

export const unreserved = { reserved_by: null, reserved_at: null, reserved_from: null } as const;
