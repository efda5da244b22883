import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { conflict, flash, found, guard, HttpProblem, idParams, notFound, page, redirect, userOf, validate } from '../../core/http/index.ts'; // prettier-ignore
import { UserStore } from '../../core/users/index.ts';
import { recordingParams } from '../recordings/recording-access.ts';
import { createRecordingStore } from '../recordings/recording-store.ts';
import { createCalibrationStore } from './calibration-store.ts';
import { byOf } from './quality-request.ts';
import { isBlindTo, reviewers } from './review.ts';
import { createReviewStore } from './review-store.ts';
import { answerWords } from './review-view.ts';
import { createSheetStore } from './sheet-store.ts';
import { spreadOf } from './spread.ts';
import { weekOf } from './week.ts';

const shownAtOnce = 50;
const ids = z.preprocess(
  (given) =>
    Array.isArray(given) ? given : Object.values(given && typeof given === 'object' ? given : { given }),
  z.array(z.coerce.number().int().positive()).min(2).max(20),
);

/** Several score one call, each without the others' scores, and then see how far they are apart. */
export function calibrationRoutes(app: App): Router {
  const router = Router();
  const reviews = createReviewStore(app);
  const calibrations = createCalibrationStore(app, reviews);
  const sheets = createSheetStore(app);
  const recordings = createRecordingStore(app);
  const users = new UserStore(app.db);

  const beginning = validate({
    params: recordingParams,
    body: z.object({
      sheetId: z.coerce.number().int().positive(),
      reviewers: ids.optional().catch(undefined),
    }),
  });
  router.post('/recordings/:id/calibrations', guard(...reviewers), beginning, async (req, res) => {
    const { params, body } = beginning.of(req);
    const recording = found(await recordings.get(params.id));
    const sheet = found(await sheets.newest(body.sheetId));
    if (recording.state !== 'stored' || recording.userId === null) throw conflict('recording-not-scored');
    if (recording.userId === userOf(req).id) throw conflict('own-call');
    const may = new Set((await users.active(...reviewers)).map(({ id }) => id));
    const chosen = [...new Set(body.reviewers ?? [])].filter((id) => may.has(id) && id !== recording.userId);
    if (chosen.length < 2) throw new HttpProblem(422, 'calibration-alone');
    const call = { recordingId: recording.id, agentId: recording.userId, versionId: sheet.id };
    const week = weekOf(recording.startedAt, req.context.zone);
    const id = await calibrations.begin({ ...call, week }, chosen, byOf(app, req));
    flash(req, 'success', 'quality:calibrations.begun');
    redirect(req, res, `/quality/calibrations/${id}`);
  });

  router.get('/quality/calibrations', guard(...reviewers), async (req, res) => {
    const rows = await calibrations.latest(shownAtOnce, userOf(req).id);
    const [versions, people] = await Promise.all([
      sheets.byVersions(rows.map(({ versionId }) => versionId)),
      users.byIds(rows.map(({ begunBy }) => begunBy)),
    ]);
    page(req, res, 'dialer/calibrations', {
      title: req.context.t('quality:calibrations.title'),
      nav: '/quality',
      calibrations: rows.map((row) => ({
        ...row,
        sheet: versions.get(row.versionId)?.name ?? '–',
        by: people.get(row.begunBy)?.name ?? '–',
      })),
    });
  });

  const byId = validate({ params: idParams });
  router.get('/quality/calibrations/:id', guard(...reviewers), byId, async (req, res) => {
    const calibration = found(await calibrations.get(byId.of(req).params.id));
    const sheet = found(await sheets.version(calibration.versionId));
    const every = await reviews.ofCalibration(calibration.id);
    if (every.some(({ agentId }) => agentId === userOf(req).id)) throw notFound();
    const all = every.filter(({ state }) => state !== 'withdrawn');
    const done = all.filter(({ state }) => state === 'scored');
    const people = await users.byIds(all.map(({ reviewerId }) => reviewerId));
    const nameOf = (id: number) => people.get(id)?.name ?? `#${id}`;
    const isBlind = isBlindTo(all, userOf(req).id);
    const { byQuestion, lowest, highest, mean } = spreadOf(sheet.questions, done);
    const percent = (score: number | null) => (score === null ? null : score / 10_000);
    page(req, res, 'dialer/calibration', {
      title: req.context.t('quality:calibrations.one', { name: sheet.name }),
      nav: '/quality',
      styles: ['quality'],
      calibration,
      isBlind,
      waiting: all.filter(({ state }) => state === 'assigned').map(({ reviewerId }) => nameOf(reviewerId)),
      reviewers: done.map((one) => ({ name: nameOf(one.reviewerId), percent: percent(one.score), isFatal: one.isFatal })), // prettier-ignore
      lowest: percent(lowest),
      highest: percent(highest),
      mean: percent(mean),
      apart: lowest === null || highest === null ? null : percent(highest - lowest),
      questions: byQuestion.map(({ question, spread }) => ({
        ...question,
        spread,
        isApart: spread >= 0.5,
        answers: done.map(({ answers }) => answerWords(req, question, answers)),
      })),
    });
  });

  return router;
}
