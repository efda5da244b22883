import type { App } from '../../core/app.ts';
import type { CallState, EndedBy } from '../calls/call.ts';
import type { CallOutcome } from '../calls/outcome.ts';
import type { RecordingState } from './recording.ts';

/** A recording with all that is known of its call. */
export interface RecordingView {
  readonly id: number;
  readonly callId: string;
  readonly state: RecordingState;
  readonly path: string | null;
  readonly size: number | null;
  readonly durationMs: number | null;
  readonly startedAt: number;
  readonly userId: number | null;
  readonly agent: string | null;
  readonly agentUsername: string | null;
  readonly campaignId: number | null;
  readonly campaign: string | null;
  readonly customerId: number | null;
  readonly customer: string | null;
  readonly e164: string | null;
  readonly dispositionId: number | null;
  readonly callState: CallState | null;
  readonly outcome: CallOutcome | null;
  /** How it was dialled. */
  readonly way: string | null;
  readonly direction: string | null;
  readonly attempt: number | null;
  readonly cause: number | null;
  readonly endedBy: EndedBy | null;
  readonly dialedAt: number | null;
  readonly answeredAt: number | null;
  readonly connectedAt: number | null;
  readonly endedAt: number | null;
  readonly callerId: string | null;
  readonly trunk: string | null;
  readonly note: string | null;
}

const columns = {
  ...{ id: 'r.id', callId: 'r.call_id', state: 'r.state', path: 'r.path', size: 'r.size' },
  ...{ durationMs: 'r.duration_ms', startedAt: 'r.started_at', userId: 'r.user_id' },
  ...{ agent: 'users.name', agentUsername: 'users.username', campaignId: 'r.campaign_id' },
  ...{ campaign: 'campaigns.name', customerId: 'r.customer_id', customer: 'customers.name', e164: 'r.e164' },
  ...{ dispositionId: 'r.disposition_id', callState: 'calls.state', outcome: 'r.outcome' },
  ...{ way: 'calls.path', direction: 'calls.direction', attempt: 'calls.attempt' },
  ...{ cause: 'calls.hangup_cause', endedBy: 'calls.ended_by', dialedAt: 'calls.dialed_at' },
  ...{ answeredAt: 'calls.answered_at', connectedAt: 'calls.connected_at', endedAt: 'calls.ended_at' },
  ...{ callerId: 'calls.caller_id', trunk: 'trunks.name', note: 'calls.note' },
};

export function createRecordingViewStore(app: Pick<App, 'db'>) {
  const { knex } = app.db;

  async function get(id: number): Promise<RecordingView | null> {
    const row = (await knex('recordings as r')
      .leftJoin('calls', 'calls.id', 'r.call_id')
      .leftJoin('campaigns', 'campaigns.id', 'r.campaign_id')
      .leftJoin('users', 'users.id', 'r.user_id')
      .leftJoin('customers', 'customers.id', 'r.customer_id')
      .leftJoin('trunks', 'trunks.id', 'calls.trunk_id')
      .where('r.id', id)
      .first(columns)) as RecordingView | undefined;
    return row ?? null;
  }

  /** Of one call, a talk each. */
  async function idsOfCall(callId: string): Promise<number[]> {
    const rows = await knex('recordings').where({ call_id: callId }).orderBy('id').select('id');
    return rows.map(({ id }: { id: number }) => id);
  }

  return { get, idsOfCall };
}
