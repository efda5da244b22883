import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { can, conflict, flash, forbidden, found, guard, HttpProblem, idParams, redirect, userOf, validate } from '../../core/http/index.ts'; // prettier-ignore
import { UserStore } from '../../core/users/index.ts';
import { recordingParams } from '../recordings/recording-access.ts';
import { createRecordingStore } from '../recordings/recording-store.ts';
import { byOf } from './quality-request.ts';
import { mayHandOver, mayScore, maySettle, mayWithdraw, reviewers, type Review } from './review.ts';
import { createReviewStore, mostRemarks } from './review-store.ts';
import { unanswered } from './score-sheet.ts';
import { answersSchema } from './sheet-form.ts';
import { createSheetStore } from './sheet-store.ts';
import { weekOf } from './week.ts';

const words = z.string().trim();

/** Scoring a call: on the page of its recording, beside the wave form. */
export function reviewRoutes(app: App): Router {
  const router = Router();
  const reviews = createReviewStore(app);
  const sheets = createSheetStore(app);
  const recordings = createRecordingStore(app);
  const users = new UserStore(app.db);

  const beginning = validate({
    params: recordingParams,
    body: z.object({ sheetId: z.coerce.number().int().positive() }),
  });
  router.post('/recordings/:id/reviews', guard(...reviewers), beginning, async (req, res) => {
    const { params, body } = beginning.of(req);
    const recording = found(await recordings.get(params.id));
    const sheet = found(await sheets.newest(body.sheetId));
    const reviewerId = userOf(req).id;
    if (recording.state !== 'stored' || recording.userId === null) throw conflict('recording-not-scored');
    if (recording.userId === reviewerId) throw conflict('own-call');
    const id = await reviews.create(
      {
        ...{ recordingId: recording.id, agentId: recording.userId, reviewerId, versionId: sheet.id },
        week: weekOf(recording.startedAt, req.context.zone),
      },
      app.clock.now(),
    );
    if (id === null) throw await taken(recording.id, reviewerId);
    redirect(req, res, `/recordings/${recording.id}#review`);
  });

  const scoring = validate({
    params: idParams,
    body: z.object({
      revision: z.coerce.number().int().min(0),
      answers: answersSchema,
      feedback: words.max(2_000).default(''),
      settlement: words.max(1_000).optional(),
    }),
  });
  router.post('/quality/reviews/:id/score', guard(...reviewers), scoring, async (req, res) => {
    const { params, body } = scoring.of(req);
    const review = await reviewOf(params.id);
    const settles = review.state === 'disputed';
    if (!(settles ? maySettle : mayScore)(review, userOf(req))) throw refused(review, req);
    if (body.revision !== review.revision) throw conflict('review-changed');
    const { questions } = found(await sheets.version(review.versionId));
    const known = new Set(questions.map(({ id }) => id));
    const answers = Object.fromEntries(Object.entries(body.answers).filter(([id]) => known.has(id)));
    const { t } = req.context;
    const missing = Object.fromEntries(
      unanswered(questions, answers).map((id) => [`answers.${id}`, t('quality:errors.answer')]),
    );
    if (settles && !body.settlement) missing.settlement = t('common:errors.required');
    if (Object.keys(missing).length > 0) throw new HttpProblem(422, 'review-incomplete', {}, missing);
    const given = {
      ...{ answers, feedback: body.feedback || null },
      ...(settles ? { settlement: body.settlement! } : {}),
    };
    const isNow = { ...review, revision: body.revision };
    if (!(await reviews.score(isNow, questions, given, byOf(app, req)))) throw conflict('review-changed');
    flash(req, 'success', settles ? 'quality:settled' : 'quality:scored');
    redirect(req, res, review.calibrationId === null ? '/quality' : `/quality/calibrations/${review.calibrationId}`); // prettier-ignore
  });

  const withdrawing = validate({ params: idParams });
  router.post('/quality/reviews/:id/withdraw', guard(...reviewers), withdrawing, async (req, res) => {
    const review = await reviewOf(withdrawing.of(req).params.id);
    if (!mayWithdraw(review, userOf(req))) throw refused(review, req);
    if (!(await reviews.withdraw(review, byOf(app, req)))) throw conflict('review-changed');
    flash(req, 'success', 'quality:withdrawn');
    redirect(req, res, '/quality');
  });

  const handing = validate({
    params: idParams,
    body: z.object({
      reviewerId: z.coerce.number().int().positive(),
      revision: z.coerce.number().int().min(0),
    }),
  });
  router.post('/quality/reviews/:id/hand-over', guard('manager'), handing, async (req, res) => {
    const { params, body } = handing.of(req);
    const review = { ...(await reviewOf(params.id)), revision: body.revision };
    if (!mayHandOver(review, userOf(req))) throw conflict('review-changed');
    if (body.reviewerId === review.agentId) throw conflict('own-call');
    const reviewer = found((await users.active(...reviewers)).find(({ id }) => id === body.reviewerId));
    if (!(await reviews.handOver(review, reviewer, byOf(app, req)))) throw conflict('review-changed');
    flash(req, 'success', 'quality:handedOver');
    redirect(req, res, `/recordings/${review.recordingId}#review`);
  });

  const commenting = validate({
    params: idParams,
    body: z.object({ atMs: z.coerce.number().int().min(0).max(86_400_000), text: words.min(1).max(500) }),
  });
  /** Of a moment of the call. Kept at once: the sheet may be handed in much later. */
  router.post('/quality/reviews/:id/comments', guard(...reviewers), commenting, async (req, res) => {
    const { params, body } = commenting.of(req);
    const review = await reviewOf(params.id);
    if (!mayScore(review, userOf(req)) && !maySettle(review, userOf(req))) throw refused(review, req);
    const id = await reviews.comment(review.id, body.atMs, body.text, byOf(app, req));
    if (id === null) throw conflict('review-remarks-full', { count: mostRemarks });
    res.json({ id });
  });

  const uncommenting = validate({ params: idParams.extend({ comment: z.coerce.number().int().positive() }) });
  router.post(
    '/quality/reviews/:id/comments/:comment/delete',
    guard(...reviewers),
    uncommenting,
    async (req, res) => {
      const { id, comment } = uncommenting.of(req).params;
      const review = await reviewOf(id);
      if (!mayScore(review, userOf(req)) && !maySettle(review, userOf(req))) throw refused(review, req);
      if (!(await reviews.uncomment(id, comment, byOf(app, req)))) throw new HttpProblem(404, 'not-found');
      res.json({});
    },
  );

  const reviewOf = async (id: number): Promise<Review> => found(await reviews.get(id));

  /** Of two who want to score a call the second is told who does. */
  async function taken(recordingId: number, askerId: number): Promise<HttpProblem> {
    const there = (await reviews.ofRecording(recordingId)).find(
      ({ calibrationId, state }) => calibrationId === null && state !== 'withdrawn',
    );
    if (!there || there.reviewerId === askerId) return conflict('review-there');
    const name = (await users.byIds([there.reviewerId])).get(there.reviewerId)?.name ?? '–';
    return conflict('review-taken', { name });
  }

  /** Theirs, but over; or somebody else's. */
  function refused({ reviewerId }: Review, req: Request): HttpProblem {
    return reviewerId === userOf(req).id || can(req, 'manager') ? conflict('review-changed') : forbidden();
  }

  return router;
}
