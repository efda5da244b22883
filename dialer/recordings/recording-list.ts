import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import {
  countUpTo,
  cursorAfter,
  partOf,
  type ListRequest,
  type Order,
  type Slice,
} from '../../core/http/index.ts';
import type { CallState } from '../calls/call.ts';
import { gapsOf, type RecordingState } from './recording.ts';
import { readPauses } from './recording-store.ts';

export interface RecordingFilters {
  campaignId?: number;
  userId?: number;
  /** Epoch ms. */
  from?: number;
  /** Epoch ms, not included. */
  to?: number;
  /** Beginning of a number in E.164. */
  number?: string;
}

/** A recording with the call it is of, for the list. */
export interface RecordingRow {
  id: number;
  callId: string;
  startedAt: number;
  /** As in the table, and `talking` while the call goes on. */
  state: RecordingState | 'talking';
  durationMs: number | null;
  e164: string | null;
  campaign: string | null;
  agent: string | null;
  customer: string | null;
  customerId: number | null;
  /** Where it was paused: `Gap[]` as JSON, for the player. */
  gaps: string;
  /** All of that together. */
  pausedMs: number;
}

interface Found extends Omit<RecordingRow, 'gaps' | 'pausedMs'> {
  callState: CallState;
  pauses: string | null;
}

/** The switch writes until the talk is over; only then is there a file to bring over. */
const shown = ({ callState, pauses, ...row }: Found): RecordingRow => {
  const gaps = gapsOf({ startedAt: Number(row.startedAt), pauses: readPauses(pauses) });
  return {
    ...row,
    gaps: JSON.stringify(gaps),
    pausedMs: gaps.reduce((sum, { ms }) => sum + ms, 0),
    state: row.state === 'recording' && callState !== 'ended' ? 'talking' : row.state,
  };
};

/** SQL for the list of recordings. The newest first; bound to calls, so that its filters are those of calls. */
export function createRecordingList(app: Pick<App, 'db'>) {
  const { db } = app;

  async function find(request: ListRequest<RecordingFilters>): Promise<Slice<RecordingRow>> {
    const filtered = matching(request.filters);
    const { direction } = request;
    const byLength = request.sort === 'duration';
    const order: Order[] = byLength
      ? [
          // One that was never stored has none.
          { column: db.knex.raw('coalesce(recordings.duration_ms, -1)'), direction },
          { column: 'recordings.id', direction: 'desc' },
        ]
      : [{ column: 'recordings.id', direction }];
    const rows: Found[] = await partOf(filtered.clone(), order, request)
      .leftJoin('campaigns', 'campaigns.id', 'calls.campaign_id')
      .leftJoin('users', 'users.id', 'calls.user_id')
      .leftJoin('customers', 'customers.id', 'calls.customer_id')
      .select({
        id: 'recordings.id',
        callId: 'recordings.call_id',
        startedAt: 'recordings.started_at',
        state: 'recordings.state',
        callState: 'calls.state',
        durationMs: 'recordings.duration_ms',
        pauses: 'recordings.pauses',
        e164: 'calls.e164',
        campaign: 'campaigns.name',
        agent: 'users.name',
        customer: 'customers.name',
        customerId: 'calls.customer_id',
      });
    const next = cursorAfter(rows, request, (row) => (byLength ? [row.durationMs ?? -1, row.id] : [row.id]));
    return { rows: rows.map(shown), total: await countUpTo(db, filtered), next };
  }

  function matching({ campaignId, userId, from, to, number }: RecordingFilters): Knex.QueryBuilder {
    const query = db.knex('recordings').join('calls', 'calls.id', 'recordings.call_id');
    if (campaignId !== undefined) query.where('calls.campaign_id', campaignId);
    if (userId !== undefined) query.where('calls.user_id', userId);
    if (from !== undefined) query.where('recordings.started_at', '>=', from);
    if (to !== undefined) query.where('recordings.started_at', '<', to);
    // A range of the index; letters of a like pattern cannot come in.
    if (number) query.where('calls.e164', '>=', number).where('calls.e164', '<', `${number}:`);
    return query;
  }

  return { find };
}
