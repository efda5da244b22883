import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Call } from '../calls/call.ts';
import type { Recording, RecordingPause, RecordingState } from './recording.ts';

interface RecordingRow {
  id: number;
  call_id: string;
  name: string;
  state: string;
  path: string | null;
  duration_ms: number | null;
  size: number | null;
  started_at: number;
  finished_at: number | null;
  pauses: string | null;
  campaign_id: number | null;
  user_id: number | null;
  customer_id: number | null;
  e164: string | null;
  outcome: string | null;
  disposition_id: number | null;
  on_switch: number | null;
}

/** What a recording shares with the row of its call. */
type CallFacts = Pick<
  RecordingRow,
  'campaign_id' | 'user_id' | 'customer_id' | 'e164' | 'outcome' | 'disposition_id'
>;

const fromRow = (row: RecordingRow): Recording => ({
  id: row.id,
  callId: row.call_id,
  name: row.name,
  state: row.state as RecordingState,
  path: row.path,
  durationMs: row.duration_ms,
  size: row.size === null ? null : Number(row.size),
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  pauses: readPauses(row.pauses),
  userId: row.user_id,
  campaignId: row.campaign_id,
  customerId: row.customer_id,
});

/** As the row has them. */
export function readPauses(text: string | null): RecordingPause[] {
  return text ? (JSON.parse(text) as RecordingPause[]) : [];
}

export type RecordingStore = ReturnType<typeof createRecordingStore>;

/** All SQL for recordings. */
export function createRecordingStore(app: Pick<App, 'db'>) {
  const { db } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<RecordingRow>('recordings');

  /** Safe to repeat: a recording of that name that is there stays as it is. */
  async function started(
    callId: string,
    name: string,
    at: number,
    of: Partial<Pick<Call, 'campaignId' | 'userId' | 'customerId' | 'e164'>> = {},
  ): Promise<void> {
    await db.transaction(async (trx) => {
      if (await table(trx).where({ name }).first('id')) return;
      // The talk may be over by the time that its recording is written down.
      const call = (await trx('calls').where({ id: callId }).first()) as CallFacts | undefined;
      await table(trx).insert({
        ...{ call_id: callId, name, state: 'recording', started_at: at },
        campaign_id: of.campaignId ?? call?.campaign_id ?? null,
        user_id: of.userId ?? call?.user_id ?? null,
        customer_id: of.customerId ?? call?.customer_id ?? null,
        e164: of.e164 || (call?.e164 ?? null),
        outcome: call?.outcome ?? null,
        disposition_id: call?.disposition_id ?? null,
      });
    });
  }

  /** When nothing was recorded, all of it. */
  async function paused(name: string, pauses: readonly RecordingPause[]): Promise<void> {
    await table()
      .where({ name })
      .update({ pauses: JSON.stringify(pauses) });
  }

  async function get(id: number): Promise<Recording | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function byName(name: string): Promise<Recording | null> {
    const row = await table().where({ name }).first();
    return row ? fromRow(row) : null;
  }

  async function ofCall(callId: string): Promise<Recording[]> {
    return (await table().where({ call_id: callId }).orderBy('id')).map(fromRow);
  }

  /** Compare-and-set from `recording`. The switch has its copy until `offSwitch`. */
  async function stored(
    name: string,
    file: { path: string; size: number; durationMs: number | null },
    at: number,
  ): Promise<boolean> {
    const rows = await table().where({ name, state: 'recording' }).update({
      state: 'stored',
      path: file.path,
      size: file.size,
      duration_ms: file.durationMs,
      finished_at: at,
      on_switch: 1,
    });
    return rows === 1;
  }

  async function failed(name: string, at: number): Promise<boolean> {
    return (
      (await table().where({ name, state: 'recording' }).update({ state: 'failed', finished_at: at })) === 1
    );
  }

  /** The switch has no copy of it any more. */
  async function offSwitch(name: string): Promise<void> {
    await table().where({ name }).update({ on_switch: null });
  }

  /** Names of recordings of this dialer's calls that are here and on its switch as well. */
  async function onSwitch(dialerId: string, limit = 100): Promise<string[]> {
    const rows = (await table()
      .where({ on_switch: 1 })
      .whereExists(ofDialer(dialerId))
      .orderBy('id')
      .limit(limit)
      .select('name')) as { name: string }[];
    return rows.map(({ name }) => name);
  }

  const ofDialer = (dialerId: string) => (its: Knex.QueryBuilder) =>
    void its
      .from('calls')
      .whereRaw('calls.id = recordings.call_id')
      .where({ dialer_id: dialerId })
      .select(db.knex.raw('1'));

  /** Recordings of a dialer's calls, begun before `before`, of which no end is known. */
  async function unfinished(dialerId: string, before: number, limit = 100): Promise<Recording[]> {
    const rows: RecordingRow[] = await table()
      .where({ state: 'recording' })
      .whereExists(ofDialer(dialerId))
      .where('started_at', '<', before)
      .orderBy('id')
      .limit(limit);
    return rows.map(fromRow);
  }

  /** Names of recordings without an end, of calls of this dialer that have ended. */
  async function leftBy(dialerId: string): Promise<string[]> {
    const rows = (await db
      .knex('recordings as r')
      .join('calls as c', 'c.id', 'r.call_id')
      .where({ 'r.state': 'recording', 'c.state': 'ended', 'c.dialer_id': dialerId })
      .orderBy('r.id')
      .select('r.name')) as { name: string }[];
    return rows.map(({ name }) => name);
  }

  return { leftBy, started, paused, get, byName, ofCall, stored, offSwitch, onSwitch, failed, unfinished };
}
