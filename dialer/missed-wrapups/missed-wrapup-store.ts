import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { noteDisposition } from '../recordings/recorded-facts.ts';
import { lateForMs } from './missed-wrapup.ts';

/** A call of which its agent has not said what came of it. Times are epoch milliseconds. */
export interface MissedCall {
  readonly id: string;
  readonly userId: number;
  readonly campaignId: number | null;
  readonly leadId: number | null;
  readonly customerId: number | null;
  readonly e164: string;
  readonly outcome: string | null;
  readonly createdAt: number;
  readonly connectedAt: number;
  readonly leftAt: number | null;
  readonly endedAt: number;
  /** What stands for it meanwhile. */
  readonly dispositionId: number | null;
}

interface Row {
  id: string;
  user_id: number;
  campaign_id: number | null;
  lead_id: number | null;
  customer_id: number | null;
  e164: string | null;
  outcome: string | null;
  created_at: number;
  connected_at: number;
  left_at: number | null;
  ended_at: number;
  disposition_id: number | null;
}

const columns = [
  ...['id', 'user_id', 'campaign_id', 'lead_id', 'customer_id', 'e164', 'outcome', 'created_at'],
  ...['connected_at', 'left_at', 'ended_at', 'disposition_id'],
];

const fromRow = (row: Row): MissedCall => ({
  id: row.id,
  userId: row.user_id,
  campaignId: row.campaign_id,
  leadId: row.lead_id,
  customerId: row.customer_id,
  e164: row.e164 ?? '',
  outcome: row.outcome,
  createdAt: row.created_at,
  connectedAt: row.connected_at,
  leftAt: row.left_at,
  endedAt: row.ended_at,
  dispositionId: row.disposition_id,
});

export type MissedWrapupStore = ReturnType<typeof createMissedWrapupStore>;

/** All SQL for calls that wait for the disposition of the agent who had them. */
export function createMissedWrapupStore(app: Pick<App, 'db'>) {
  const table = (trx: Knex | Knex.Transaction = app.db.knex) => trx('calls');

  /** Those an agent is offered now, the latest first. */
  async function ofAgent(userId: number, now: number, limit = 20): Promise<MissedCall[]> {
    const rows = (await table()
      .where({ user_id: userId, state: 'ended' })
      .where('wrapup_missed_at', '>=', now - lateForMs)
      .orderBy('ended_at', 'desc')
      .limit(limit)
      .select(columns)) as Row[];
    return rows.map(fromRow);
  }

  /** One of them; null once it is disposed of, or not this agent's. */
  async function get(userId: number, callId: string, now: number): Promise<MissedCall | null> {
    const row = (await table()
      .where({ id: callId, user_id: userId, state: 'ended' })
      .where('wrapup_missed_at', '>=', now - lateForMs)
      .first(columns)) as Row | undefined;
    return row ? fromRow(row) : null;
  }

  /** Compare-and-set: of two that hand in a disposition for the same call one moves it. */
  async function take(
    callId: string,
    given: { dispositionId: number; note: string | null },
    trx: Knex.Transaction,
  ): Promise<boolean> {
    const rows = await table(trx)
      .where({ id: callId })
      .whereNotNull('wrapup_missed_at')
      .update({ disposition_id: given.dispositionId, note: given.note, wrapup_missed_at: null });
    if (rows === 1) await noteDisposition(callId, given.dispositionId, trx);
    return rows === 1;
  }

  return { ofAgent, get, take };
}
