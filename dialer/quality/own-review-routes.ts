import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { conflict, flash, found, guard, HttpProblem, idParams, notFound, page, redirect, userOf, validate } from '../../core/http/index.ts'; // prettier-ignore
import { playerWords } from '../recordings/player-words.ts';
import { createRecordingStore } from '../recordings/recording-store.ts';
import { byOf } from './quality-request.ts';
import { countedStates, isShownTo, nextState, type Review } from './review.ts';
import { createReviewStore } from './review-store.ts';
import { badgeOf, createReviewView } from './review-view.ts';
import { createSheetStore } from './sheet-store.ts';

const shownAtOnce = 100;
/** Who talks to customers. */
const talkers = ['agent', 'supervisor'] as const;

/** What an agent is told of their own calls, and what they say to it. */
export function ownReviewRoutes(app: App): Router {
  const router = Router();
  const reviews = createReviewStore(app);
  const sheets = createSheetStore(app);
  const recordings = createRecordingStore(app);
  const view = createReviewView(app, { reviews, sheets });

  router.get('/quality/mine', guard(...talkers), async (req, res) => {
    const filters = { agentId: userOf(req).id, states: countedStates };
    const { rows, total } = await reviews.list(filters, { limit: shownAtOnce, offset: 0 });
    const { t } = req.context;
    page(req, res, 'dialer/own-reviews', {
      title: t('quality:mine.title'),
      nav: '/quality/mine',
      styles: ['quality'],
      total,
      isCut: total.count > rows.length,
      reviews: rows.map((row) => ({
        ...row,
        percent: row.score === null ? null : row.score / 10_000,
        badge: badgeOf[row.state],
        stateWords: t(`quality:states.${row.state}`),
      })),
    });
  });

  const byId = validate({ params: idParams });
  router.get('/quality/mine/:id', guard(...talkers), byId, async (req, res) => {
    const review = await own(req, byId.of(req).params.id);
    const recording = found(await recordings.get(review.recordingId));
    const shown = await view(req, review);
    page(req, res, 'dialer/own-review', {
      title: req.context.t('quality:mine.one'),
      nav: '/quality/mine',
      script: 'recording',
      styles: ['recordings', 'quality'],
      words: playerWords(req),
      pageData: { marks: shown.marks },
      review: shown,
      recording,
      mayAcknowledge: nextState(review.state, 'acknowledge') !== null,
      mayDispute: nextState(review.state, 'dispute') !== null,
    });
  });

  const answering = validate({
    params: idParams,
    body: z.object({
      kind: z.enum(['acknowledge', 'dispute']),
      revision: z.coerce.number().int().min(0),
      reply: z.string().trim().max(1_000).default(''),
    }),
  });
  router.post('/quality/mine/:id', guard(...talkers), answering, async (req, res) => {
    const { params, body } = answering.of(req);
    const review = { ...(await own(req, params.id)), revision: body.revision };
    if (body.kind === 'dispute' && body.reply === '')
      throw new HttpProblem(
        422,
        'dispute-without-words',
        {},
        { reply: req.context.t('common:errors.required') },
      );
    if (!(await reviews.answer(review, body.kind, body.reply || null, byOf(app, req))))
      throw conflict('review-changed');
    flash(req, 'success', `quality:mine.${body.kind === 'dispute' ? 'disputed' : 'acknowledged'}`);
    redirect(req, res, `/quality/mine/${review.id}`);
  });

  /** Nobody learns of somebody else's that it is there. */
  async function own(req: Request, id: number): Promise<Review> {
    const review = found(await reviews.get(id));
    if (!isShownTo(review, userOf(req).id)) throw notFound();
    return review;
  }

  return router;
}
