import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { conflict, flash, formState, found, guard, idParams, page, redirect, validate, type FormState } from '../../core/http/index.ts'; // prettier-ignore
import { byOf } from './quality-request.ts';
import { reviewers } from './review.ts';
import { mostPoints, questionKinds } from './score-sheet.ts';
import { sheetForm } from './sheet-form.ts';
import { createSheetStore, type Sheet } from './sheet-store.ts';

const blank = {
  section: '',
  text: '',
  kind: 'yes-no',
  max: '',
  weight: 10,
  mayNotApply: false,
  isFatal: false,
};

/** What calls are scored by, made by those who score. */
export function sheetRoutes(app: App): Router {
  const router = Router();
  const sheets = createSheetStore(app);
  router.use('/quality/sheets', guard(...reviewers));

  router.get('/quality/sheets', async (req, res) => {
    page(req, res, 'dialer/score-sheets', {
      title: req.context.t('quality:sheets.title'),
      nav: '/quality',
      sheets: await sheets.all(),
    });
  });

  router.get('/quality/sheets/new', (req, res) =>
    showForm(req, res, formState({ version: 0, questions: [blank, blank, blank] }), null),
  );

  const create = validate(
    { body: sheetForm },
    { failed: (req, res, form) => showForm(req, res, form, null) },
  );
  router.post('/quality/sheets', create, async (req, res) => {
    await sheets.save(null, create.of(req).body, byOf(app, req));
    saved(req, res);
  });

  const byId = validate({ params: idParams });
  router.get('/quality/sheets/:id', byId, async (req, res) => {
    const sheet = found(await sheets.get(byId.of(req).params.id));
    const { questions } = found(await sheets.newest(sheet.id));
    showForm(req, res, formState({ name: sheet.name, version: sheet.version, questions }), sheet);
  });

  const edit = validate(
    { params: idParams, body: sheetForm },
    {
      failed: async (req, res, form) =>
        showForm(req, res, form, found(await sheets.get(Number(req.params.id)))),
    },
  );
  router.post('/quality/sheets/:id', edit, async (req, res) => {
    const { params, body } = edit.of(req);
    found(await sheets.get(params.id));
    if ((await sheets.save(params.id, body, byOf(app, req))) === null) throw conflict('score-sheet-changed');
    saved(req, res);
  });

  const archive = validate({ params: idParams, body: z.object({ archived: z.enum(['yes', 'no']) }) });
  router.post('/quality/sheets/:id/archive', archive, async (req, res) => {
    const { params, body } = archive.of(req);
    found(await sheets.get(params.id));
    if (!(await sheets.archive(params.id, body.archived === 'yes', byOf(app, req))))
      throw conflict('score-sheet-changed');
    saved(req, res);
  });

  function saved(req: Request, res: Response): void {
    flash(req, 'success', 'quality:sheets.saved');
    redirect(req, res, '/quality/sheets');
  }

  function showForm(req: Request, res: Response, form: FormState, sheet: Sheet | null): void {
    const { t } = req.context;
    const given = Object.values(form.values.questions ?? {}) as object[];
    page(req, res, 'dialer/score-sheet', {
      title: sheet?.name ?? t('quality:sheets.add'),
      nav: '/quality',
      script: 'score-sheet',
      styles: ['quality'],
      form,
      sheet,
      mostPoints,
      questions: (given.length > 0 ? given : [blank]).map((question, index) => ({ ...question, index })),
      kinds: questionKinds.map((value) => ({ value, label: t(`quality:kinds.${value}`) })),
    });
  }

  return router;
}
