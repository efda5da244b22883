import { Router, type Request, type Response } from 'express';
import type { App } from '../../core/app.ts';
import {
  createAuditor,
  flash,
  formState,
  found,
  guard,
  idParams,
  page,
  redirect,
  validate,
  type FormState,
} from '../../core/http/index.ts';
import { localeNames, locales } from '../../core/i18n/index.ts';
import { pauseCodeFormSchema, type PauseCode } from './pause-code.ts';
import { createPauseCodeStore } from './pause-code-store.ts';

/** The reasons agents give for a pause, for administrators. */
export function pauseCodeRoutes(app: App): Router {
  const router = Router();
  const store = createPauseCodeStore(app);
  const audit = createAuditor(app, 'pause_codes');
  router.use('/pause-codes', guard('administrator'));

  router.get('/pause-codes', async (req, res) => {
    const { locale } = req.context;
    const codes = (await store.all()).map((code) => ({ ...code, name: code.names[locale] ?? code.code }));
    page(req, res, 'dialer/pause-codes', { title: req.context.t('dialer:pauseCodes.title'), codes });
  });

  router.get('/pause-codes/new', (req, res) => showForm(req, res, formState({ paid: true, active: true })));

  const create = validate(
    { body: pauseCodeFormSchema },
    { failed: (req, res, form) => showForm(req, res, form) },
  );
  router.post('/pause-codes', create, async (req, res) => {
    const { body } = create.of(req);
    const id = await store.create(body);
    if (id === null) {
      res.status(422);
      const error = req.context.t('dialer:errors.codeTaken');
      return showForm(req, res, formState(req.body as object, { code: error }));
    }
    await audit(req, 'pause-code.created', id, { after: body });
    flash(req, 'success', 'dialer:pauseCodes.saved');
    redirect(req, res, '/pause-codes');
  });

  const byId = validate({ params: idParams });
  router.get('/pause-codes/:id', byId, async (req, res) => {
    const code = found(await store.get(byId.of(req).params.id));
    const limitMinutes = code.limitMs === null ? '' : Math.round(code.limitMs / 60_000);
    showForm(req, res, formState({ ...code, limitMinutes }), code);
  });

  const edit = validate(
    { params: idParams, body: pauseCodeFormSchema },
    {
      failed: async (req, res, form) =>
        showForm(req, res, form, found(await store.get(Number(req.params.id)))),
    },
  );
  router.post('/pause-codes/:id', edit, async (req, res) => {
    const { params, body } = edit.of(req);
    const before = found(await store.get(params.id));
    await store.update(params.id, body);
    await audit(req, 'pause-code.changed', params.id, { before, after: body });
    flash(req, 'success', 'dialer:pauseCodes.saved');
    redirect(req, res, '/pause-codes');
  });

  function showForm(req: Request, res: Response, form: FormState, code: PauseCode | null = null): void {
    const { t, locale } = req.context;
    page(req, res, 'dialer/pause-code', {
      title: code ? (code.names[locale] ?? code.code) : t('dialer:pauseCodes.add'),
      nav: '/pause-codes',
      form,
      code,
      languages: locales.map((value) => ({ name: `names[${value}]`, label: localeNames[value] })),
    });
  }

  return router;
}
