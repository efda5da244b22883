import type { App } from '../../core/app.ts';
import { countUpTo, cursorAfter, partOf, type ListRequest, type Order, type Slice } from '../../core/http/index.ts'; // prettier-ignore
import type { CallState } from '../calls/call.ts';
import type { CallOutcome } from '../calls/outcome.ts';
import { createRecordingSearch, type RecordingFilters } from './recording-search.ts';
import { gapsOf, type RecordingState } from './recording.ts';
import { readPauses } from './recording-store.ts';

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
  campaignId: number | null;
  outcome: CallOutcome | null;
  dispositionId: number | null;
  /** For so long nothing was recorded. */
  pausedMs: number;
}

interface Found extends Omit<RecordingRow, 'pausedMs'> {
  callState: CallState | null;
  pauses: string | null;
}

/** The switch writes until the talk is over; only then is there a file to bring over. */
const shown = ({ callState, pauses, ...row }: Found): RecordingRow => {
  const gaps = gapsOf({ startedAt: Number(row.startedAt), pauses: readPauses(pauses) });
  return {
    ...row,
    pausedMs: gaps.reduce((sum, { ms }) => sum + ms, 0),
    state: row.state === 'recording' && callState !== 'ended' ? 'talking' : row.state,
  };
};

/** SQL for the list of recordings. The newest first. */
export function createRecordingList(app: Pick<App, 'db'>) {
  const { db } = app;
  const { matching } = createRecordingSearch(app);

  async function find(request: ListRequest<RecordingFilters>): Promise<Slice<RecordingRow>> {
    const { query, partial } = await matching(request.filters);
    const { direction, format } = request;
    const byLength = request.sort === 'duration';
    // One that was never stored has none, and comes last. A file goes on after its last row, which needs a value.
    const length = format === 'csv' ? db.knex.raw('coalesce(recordings.duration_ms, -1)') : 'recordings.duration_ms'; // prettier-ignore
    const order: Order[] = [
      { column: byLength ? length : 'recordings.started_at', direction },
      { column: 'recordings.id', direction },
    ];
    const rows: Found[] = await partOf(query.clone(), order, request)
      .leftJoin('calls', 'calls.id', 'recordings.call_id')
      .leftJoin('campaigns', 'campaigns.id', 'recordings.campaign_id')
      .leftJoin('users', 'users.id', 'recordings.user_id')
      .leftJoin('customers', 'customers.id', 'recordings.customer_id')
      .select({
        id: 'recordings.id',
        callId: 'recordings.call_id',
        startedAt: 'recordings.started_at',
        state: 'recordings.state',
        callState: 'calls.state',
        durationMs: 'recordings.duration_ms',
        pauses: 'recordings.pauses',
        e164: 'recordings.e164',
        campaign: 'campaigns.name',
        agent: 'users.name',
        customer: 'customers.name',
        customerId: 'recordings.customer_id',
        campaignId: 'recordings.campaign_id',
        outcome: 'recordings.outcome',
        dispositionId: 'recordings.disposition_id',
      });
    const next = cursorAfter(rows, request, (row) => [
      byLength ? (row.durationMs ?? -1) : Number(row.startedAt),
      row.id,
    ]);
    const total = await countUpTo(db, query);
    return { rows: rows.map(shown), total: { ...total, more: total.more || partial }, next, partial };
  }

  return { find };
}
