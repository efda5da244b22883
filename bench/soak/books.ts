import type { Knex } from 'knex';
import type { CallOutcome, CallState } from '../../dialer/calls/call.ts';

export interface Check {
  readonly name: string;
  /** How much it has looked at. */
  readonly of: number;
  /** What is wrong, in words; empty where nothing is. */
  readonly wrong: readonly string[];
}

export interface CallRow {
  readonly id: string;
  readonly direction: string;
  readonly path: string;
  readonly parent_id: string | null;
  readonly campaign_id: number | null;
  readonly lead_id: number | null;
  readonly customer_id: number | null;
  readonly e164: string;
  readonly state: CallState;
  readonly outcome: CallOutcome | null;
  readonly amd: string | null;
  readonly dialed_at: number | null;
  readonly connected_at: number | null;
  readonly abandoned_at: number | null;
  readonly left_at: number | null;
  readonly ended_at: number | null;
}

export interface CallEventRow {
  readonly call_id: string;
  readonly event: string;
  readonly from_state: string | null;
  readonly to_state: string;
}

export interface AgentEventRow {
  readonly user_id: number;
  readonly event: string;
  readonly from_state: string | null;
  readonly to_state: string;
  readonly call_id: string | null;
}

export interface LeadRow {
  readonly id: number;
  readonly state: string;
  readonly attempts: number;
  readonly tries: string | null;
  readonly last_outcome: string | null;
}

/** What stands in the books of a firm, for sums. */
export interface Books {
  readonly knex: Knex;
  /** In the order in which they were made. */
  readonly calls: readonly CallRow[];
  readonly callOf: ReadonlyMap<string, CallRow>;
  /** By call, in order. */
  readonly callEvents: readonly CallEventRow[];
  /** By agent, in order. */
  readonly agentEvents: readonly AgentEventRow[];
  readonly leads: readonly LeadRow[];
}

export async function readBooks(knex: Knex): Promise<Books> {
  const calls: CallRow[] = await knex('calls').orderBy('created_at').orderBy('id');
  return {
    knex,
    calls,
    callOf: new Map(calls.map((call) => [call.id, call])),
    callEvents: await knex('call_events')
      .orderBy(['call_id', 'id'])
      .select('call_id', 'event', 'from_state', 'to_state'),
    agentEvents: await knex('agent_events')
      .orderBy(['user_id', 'id'])
      .select('user_id', 'event', 'from_state', 'to_state', 'call_id'),
    leads: await knex('leads').select('id', 'state', 'attempts', 'tries', 'last_outcome'),
  };
}

export const same = (what: string, part: number, whole: number): string[] =>
  part === whole ? [] : [`${what}: ${part}, not ${whole}`];

export function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
