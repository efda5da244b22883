import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { isDuplicate } from '../../core/database/errors.ts';
import { countUpTo, type Part, type Slice } from '../../core/http/index.ts';
import { countedStates, nextState, type Review, type ReviewState, type ReviewStep } from './review.ts';
import { fromRow, type ReviewRow } from './review-row.ts';
import { scoreOf, type Answers, type Question } from './score-sheet.ts';

/** A review with the call it is of, for lists. */
export interface ReviewLine extends Review {
  readonly agent: string | null;
  readonly reviewer: string | null;
  readonly sheet: string | null;
  readonly campaign: string | null;
  readonly startedAt: number;
  readonly durationMs: number | null;
}

export interface Comment {
  readonly id: number;
  readonly atMs: number;
  readonly text: string;
}

export interface NewReview {
  readonly recordingId: number;
  readonly agentId: number;
  readonly reviewerId: number;
  readonly versionId: number;
  readonly planId?: number;
  readonly calibrationId?: number;
  readonly week: string;
}

export interface By {
  readonly userId: number;
  readonly ip?: string | undefined;
  readonly at: number;
}

export interface ReviewFilters {
  readonly reviewerId?: number;
  readonly agentId?: number;
  readonly states?: readonly ReviewState[];
  /** Who reads: of their own calls only what they are told of, and no score of a call that they score blind. */
  readonly readerId?: number;
}

/** Of one review. */
export const mostRemarks = 200;
const secondsOf = (ms: number) => Math.round(ms / 1_000);

/** All SQL for reviews of calls. */
export function createReviewStore(app: Pick<App, 'db' | 'audit'>) {
  const { db, audit } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<ReviewRow>('quality_reviews');

  /** Null where somebody has that call already, or this reviewer has it for this comparison. */
  async function create(review: NewReview, at: number, trx?: Knex.Transaction): Promise<number | null> {
    const { recordingId, agentId, reviewerId, versionId, planId, calibrationId, week } = review;
    // Counted once, whoever scores it; of a calibration once for each.
    const once =
      calibrationId === undefined ? `call ${recordingId}` : `${recordingId} ${calibrationId} ${reviewerId}`;
    // Reviews of earlier versions have other keys.
    if (calibrationId === undefined && (await isCounted(recordingId, trx))) return null;
    try {
      return await db.insertId(
        'quality_reviews',
        {
          ...{ recording_id: recordingId, agent_id: agentId, reviewer_id: reviewerId, version_id: versionId },
          ...{ plan_id: planId ?? null, calibration_id: calibrationId ?? null, week, once },
          ...{ state: 'assigned', answers: '{}', created_at: at },
        },
        trx,
      );
    } catch (error) {
      if (isDuplicate(error)) return null;
      throw error;
    }
  }

  async function isCounted(recordingId: number, trx?: Knex.Transaction): Promise<boolean> {
    const counted = table(trx).where({ recording_id: recordingId }).whereNull('calibration_id');
    return (await counted.whereNot({ state: 'withdrawn' }).first('id')) !== undefined;
  }

  async function get(id: number): Promise<Review | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function ofRecording(recordingId: number): Promise<Review[]> {
    return (await table().where({ recording_id: recordingId }).orderBy('id')).map(fromRow);
  }

  async function ofCalibration(calibrationId: number): Promise<Review[]> {
    return (await table().where({ calibration_id: calibrationId }).orderBy('id')).map(fromRow);
  }

  /** Whether an agent may hear this recording because it was scored. */
  async function isShown(recordingId: number, agentId: number): Promise<boolean> {
    const row = await table()
      .where({ recording_id: recordingId, agent_id: agentId })
      .whereNull('calibration_id')
      .whereIn('state', [...countedStates])
      .first('id');
    return row !== undefined;
  }

  async function list(filters: ReviewFilters, { limit, offset }: Part): Promise<Slice<ReviewLine>> {
    const query = db.knex('quality_reviews as q').modify((rows) => {
      if (filters.reviewerId !== undefined) void rows.where('q.reviewer_id', filters.reviewerId);
      if (filters.agentId !== undefined)
        void rows.where('q.agent_id', filters.agentId).whereNull('q.calibration_id');
      if (filters.states) void rows.whereIn('q.state', [...filters.states]);
      if (filters.readerId !== undefined) void rows.where(untold(filters.readerId));
    });
    const rows = (await query
      .clone()
      .join('recordings as r', 'r.id', 'q.recording_id')
      .leftJoin('users as a', 'a.id', 'q.agent_id')
      .leftJoin('users as w', 'w.id', 'q.reviewer_id')
      .leftJoin('score_sheet_versions as v', 'v.id', 'q.version_id')
      .leftJoin('score_sheets as s', 's.id', 'v.sheet_id')
      .leftJoin('campaigns as c', 'c.id', 'r.campaign_id')
      .orderBy('q.id', 'desc')
      .limit(limit)
      .offset(offset)
      .select('q.*', { agent: 'a.name', reviewer: 'w.name', sheet: 's.name', campaign: 'c.name' })
      .select({ startedAt: 'r.started_at', durationMs: 'r.duration_ms' })) as (ReviewRow &
      Pick<ReviewLine, 'agent' | 'reviewer' | 'sheet' | 'campaign' | 'startedAt' | 'durationMs'>)[];
    const blind = filters.readerId === undefined ? null : await blindAmong(rows, filters.readerId);
    const unseen = { score: null, isFatal: false, answers: {}, feedback: null, settlement: null };
    const lines = rows.map((row) => ({
      ...fromRow(row),
      ...(blind?.has(row.recording_id) && row.reviewer_id !== filters.readerId ? unseen : {}),
      ...{ agent: row.agent, reviewer: row.reviewer, sheet: row.sheet, campaign: row.campaign },
      ...{ startedAt: Number(row.startedAt), durationMs: row.durationMs },
    }));
    return { rows: lines, total: await countUpTo(db, query) };
  }

  const untold = (readerId: number) => (rows: Knex.QueryBuilder) =>
    rows
      .whereNot('q.agent_id', readerId)
      .orWhere((own) => own.whereNull('q.calibration_id').whereIn('q.state', [...countedStates]));

  /** Calls among these that the reader has still to score for comparison. */
  async function blindAmong(rows: readonly ReviewRow[], readerId: number): Promise<Set<number>> {
    const mine = await table()
      .whereIn('recording_id', [...new Set(rows.map(({ recording_id }) => recording_id))])
      .where({ reviewer_id: readerId, state: 'assigned' })
      .whereNotNull('calibration_id')
      .select('recording_id');
    return new Set(mine.map(({ recording_id }) => recording_id));
  }

  /** Compare-and-set by revision, with the row of the audit. False: somebody was there before. */
  async function step(
    review: Review,
    kind: ReviewStep,
    change: object,
    by: By,
    trx: Knex.Transaction,
  ): Promise<boolean> {
    const state = nextState(review.state, kind);
    if (state === null) return false;
    const same = { id: review.id, revision: review.revision };
    const rows = await table(trx)
      .where(same)
      .update({ ...change, state, revision: review.revision + 1 });
    if (rows !== 1) return false;
    const reached = 'score' in change ? (change.score as number | null) : undefined;
    const after = reached === undefined ? undefined : { score: reached === null ? null : reached / 100 };
    const what = { action: `review.${audited[kind]}`, entity: 'quality_reviews', entityId: review.id };
    await audit.record({ userId: by.userId, ip: by.ip, ...what, ...(after ? { after } : {}) }, trx);
    return true;
  }

  /** Scores, or settles a dispute with what the score is now. */
  async function score(
    review: Review,
    questions: readonly Question[],
    given: { answers: Answers; feedback: string | null; settlement?: string },
    by: By,
  ): Promise<boolean> {
    const { answers, feedback, settlement } = given;
    const { score: reached, isFatal } = scoreOf(questions, answers);
    return db.transaction(async (trx) => {
      const change = {
        ...{ answers: JSON.stringify(answers), feedback, score: reached, is_fatal: isFatal ? 1 : 0 },
        ...(settlement === undefined ? { scored_at: by.at } : { settlement }),
      };
      const kind = settlement === undefined ? 'score' : 'settle';
      if (!(await step(review, kind, change, by, trx))) return false;
      await trx('quality_answers').where({ review_id: review.id }).delete();
      const rows = questions.flatMap(({ id, max }) => {
        const points = answers[id];
        return typeof points === 'number' ? { review_id: review.id, question_id: id, points, most: max } : [];
      });
      if (rows.length > 0) await trx('quality_answers').insert(rows);
      return true;
    });
  }

  /** What its agent says to it. */
  async function answer(
    review: Review,
    kind: 'acknowledge' | 'dispute',
    reply: string | null,
    by: By,
  ): Promise<boolean> {
    return db.transaction((trx) => step(review, kind, reply === null ? {} : { reply }, by, trx));
  }

  async function withdraw(review: Review, by: By): Promise<boolean> {
    const once = `withdrawn ${review.id}`;
    return db.transaction(async (trx) => {
      if (!(await step(review, 'withdraw', { once }, by, trx))) return false;
      // Its plan draws another, as long as that week is the one it draws from.
      if (review.planId !== null)
        await trx('quality_plans')
          .where({ id: review.planId, drawn_week: review.week })
          .update({ drawn_week: null });
      return true;
    });
  }

  /** Compare-and-set, with the row of the audit. */
  async function handOver(
    review: Review,
    reviewer: { readonly id: number; readonly name: string },
    { userId, ip }: By,
  ): Promise<boolean> {
    return db.transaction(async (trx) => {
      const same = { id: review.id, revision: review.revision, state: 'assigned' };
      const given = { reviewer_id: reviewer.id, revision: review.revision + 1 };
      if ((await table(trx).where(same).update(given)) !== 1) return false;
      const what = { action: 'review.handed-over', entity: 'quality_reviews', entityId: review.id };
      await audit.record({ userId, ip, ...what, after: { reviewer: reviewer.name } }, trx);
      return true;
    });
  }

  async function comments(reviewId: number): Promise<Comment[]> {
    const rows = (await db
      .knex('quality_comments')
      .where({ review_id: reviewId })
      .orderBy(['at_ms', 'id'])
      .limit(mostRemarks)
      .select({ id: 'id', atMs: 'at_ms', text: 'text' })) as Comment[];
    return rows;
  }

  /** With the row of the audit. Null: there are as many as may be. */
  async function comment(reviewId: number, atMs: number, text: string, by: By): Promise<number | null> {
    return db.transaction(async (trx) => {
      await table(trx).where({ id: reviewId }).forUpdate().first('id');
      const row = await trx('quality_comments').where({ review_id: reviewId }).count({ n: '*' }).first();
      if (Number(row?.n) >= mostRemarks) return null;
      const id = await db.insertId('quality_comments', { review_id: reviewId, at_ms: atMs, text }, trx);
      await noteRemark('review.remark-set', reviewId, { after: { atSeconds: secondsOf(atMs) } }, by, trx);
      return id;
    });
  }

  async function uncomment(reviewId: number, id: number, by: By): Promise<boolean> {
    return db.transaction(async (trx) => {
      const its = () => trx('quality_comments').where({ id, review_id: reviewId });
      const row = (await its().first('at_ms')) as { at_ms: number } | undefined;
      if (!row || (await its().delete()) !== 1) return false;
      const before = { atSeconds: secondsOf(row.at_ms) };
      await noteRemark('review.remark-removed', reviewId, { before }, by, trx);
      return true;
    });
  }

  const noteRemark = (action: string, entityId: number, what: object, { userId, ip }: By, trx: Knex.Transaction) =>
    audit.record({ userId, ip, action, entity: 'quality_reviews', entityId, ...what }, trx); // prettier-ignore

  return {
    ...{ create, get, ofRecording, ofCalibration, isShown, list, score, answer, withdraw, handOver },
    ...{ comments, comment, uncomment },
  };
}

const audited: Record<ReviewStep, string> = {
  score: 'scored',
  acknowledge: 'acknowledged',
  dispute: 'disputed',
  settle: 'settled',
  withdraw: 'withdrawn',
};

export type ReviewStore = ReturnType<typeof createReviewStore>;
