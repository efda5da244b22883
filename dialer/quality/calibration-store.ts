import type { App } from '../../core/app.ts';
import type { By, NewReview, ReviewStore } from './review-store.ts';

export interface Calibration {
  readonly id: number;
  readonly recordingId: number;
  readonly versionId: number;
  readonly begunBy: number;
  readonly begunAt: number;
}

interface Row {
  id: number;
  recording_id: number;
  version_id: number;
  begun_by: number;
  begun_at: number;
}

const fromRow = (row: Row): Calibration => ({
  ...{ id: row.id, recordingId: row.recording_id, versionId: row.version_id },
  ...{ begunBy: row.begun_by, begunAt: Number(row.begun_at) },
});

/** All SQL for calls that several score to compare themselves. */
export function createCalibrationStore(app: Pick<App, 'db' | 'audit'>, reviews: ReviewStore) {
  const { db, audit } = app;

  /** Gives the call to each of the reviewers, all or none, with the row of the audit. */
  async function begin(
    call: Pick<NewReview, 'recordingId' | 'agentId' | 'versionId' | 'week'>,
    reviewerIds: readonly number[],
    { userId, ip, at }: By,
  ): Promise<number> {
    return db.transaction(async (trx) => {
      const { recordingId, versionId } = call;
      const id = await db.insertId(
        'calibrations',
        { recording_id: recordingId, version_id: versionId, begun_by: userId, begun_at: at },
        trx,
      );
      for (const reviewerId of new Set(reviewerIds))
        await reviews.create({ ...call, reviewerId, calibrationId: id }, at, trx);
      const what = { action: 'calibration.begun', entity: 'recordings', entityId: recordingId };
      await audit.record({ userId, ip, ...what }, trx);
      return id;
    });
  }

  async function get(id: number): Promise<Calibration | null> {
    const row = (await db.knex('calibrations').where({ id }).first()) as Row | undefined;
    return row ? fromRow(row) : null;
  }

  /** Without those of calls that the reader has talked in. */
  async function latest(limit: number, readerId: number): Promise<Calibration[]> {
    const own = db.knex('quality_reviews as q').whereRaw('q.calibration_id = calibrations.id').where('q.agent_id', readerId); // prettier-ignore
    const rows = await db.knex('calibrations').whereNotExists(own).orderBy('id', 'desc').limit(limit);
    return (rows as Row[]).map(fromRow);
  }

  return { begin, get, latest };
}
