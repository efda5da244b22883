import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  conflict,
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
import { formatNumber, localeNames, locales } from '../../core/i18n/index.ts';
import { revisionOf } from './disposition-editor.ts';
import { createDispositionStore } from './disposition-store.ts';
import {
  dispositionEnds,
  dispositionForm,
  dispositionFormSchema,
  endOf,
  fixedEnds,
  retryOf,
  type DispositionInput,
} from './disposition-form.ts';
import { answeredBys, dispositionCategories, type Disposition } from './disposition.ts';

const moveBody = z.object({ direction: z.enum(['up', 'down']) });

/** The dispositions agents choose from, for managers: names, meaning, what becomes of the lead, where offered. */
export function dispositionRoutes(app: App): Router {
  const router = Router();
  const store = createDispositionStore(app);
  const audit = createAuditor(app, 'dispositions');
  router.use('/dispositions', guard('manager'));

  router.get('/dispositions', async (req, res) => {
    const { t, locale } = req.context;
    const [all, offered] = [await store.all(), await store.campaigns()];
    page(req, res, 'dispositions/list', {
      title: t('campaigns:dispositions.title'),
      nav: '/dispositions',
      styles: ['campaigns'],
      dispositions: all.map((one, index) => ({
        ...one,
        name: one.names[locale],
        categoryWord: t(`campaigns:categories.${one.category}`),
        answeredByWord: one.answeredBy && t(`campaigns:dispositions.answeredBys.${one.answeredBy}`),
        after: afterWords(req, one),
        campaigns: offered.filter(({ dispositionIds }) => dispositionIds.includes(one.id)).length,
        first: index === 0,
        last: index === all.length - 1,
      })),
    });
  });

  router.get('/dispositions/new', (req, res) =>
    showForm(req, res, formState({ category: 'other', end: 'rule', active: true, retryUnit: 'h' })),
  );

  const create = validate(
    { body: dispositionFormSchema },
    { failed: (req, res, form) => showForm(req, res, form) },
  );
  router.post('/dispositions', create, async (req, res) => {
    const { body } = create.of(req);
    const errors = await taken(req, body, null);
    if (errors) return again(req, res, errors, null);
    const id = await store.create(body, app.clock.now());
    if (id === null)
      return again(req, res, { code: req.context.t('campaigns:dispositions.errors.codeTaken') }, null);
    await audit(req, 'disposition.created', id, { after: body });
    flash(req, 'success', 'campaigns:dispositions.saved', { name: body.names[req.context.locale] });
    redirect(req, res, '/dispositions');
  });

  const byId = validate({ params: idParams });
  router.get('/dispositions/:id', byId, async (req, res) => {
    const disposition = found(await store.get(byId.of(req).params.id));
    const offering = (await store.campaigns()).filter((one) => one.dispositionIds.includes(disposition.id));
    const campaignIds = offering.map(({ id }) => id);
    const form = {
      ...dispositionForm(disposition, campaignIds),
      revision: revisionOf(disposition, campaignIds),
    };
    await showForm(req, res, formState(form), disposition);
  });

  const edit = validate(
    { params: idParams, body: dispositionFormSchema },
    {
      failed: async (req, res, form) =>
        showForm(req, res, form, found(await store.get(Number(req.params.id)))),
    },
  );
  router.post('/dispositions/:id', edit, async (req, res) => {
    const { params, body } = edit.of(req);
    const before = found(await store.get(params.id));
    const errors = await taken(req, body, before.id);
    if (errors) return again(req, res, errors, before);
    const { revision } = req.body as { revision?: unknown };
    const saved = await store.save(before.id, String(revision ?? ''), body, app.clock.now());
    if (!saved) {
      const theirs = found(await store.get(before.id));
      const offering = (await store.campaigns()).filter((one) => one.dispositionIds.includes(theirs.id));
      const now = revisionOf(
        theirs,
        offering.map(({ id }) => id),
      );
      res.status(409);
      return showForm(req, res, formState({ ...(req.body as object), revision: now }), theirs, true);
    }
    if (Object.keys(saved.after).length > 0) {
      const retired = before.active && !body.active;
      await audit(req, retired ? 'disposition.retired' : 'disposition.changed', before.id, saved);
    }
    flash(req, 'success', 'campaigns:dispositions.saved', { name: body.names[req.context.locale] });
    redirect(req, res, '/dispositions');
  });

  const move = validate({ params: idParams, body: moveBody });
  router.post('/dispositions/:id/move', move, async (req, res) => {
    const { params, body } = move.of(req);
    const order = await store.move(params.id, body.direction);
    if (order) await audit(req, 'disposition.ordered', params.id, { after: { order } });
    redirect(req, res, '/dispositions');
  });

  router.post('/dispositions/:id/delete', byId, async (req, res) => {
    const before = found(await store.get(byId.of(req).params.id));
    const name = before.names[req.context.locale];
    if (!(await store.remove(before.id, app.clock.now()))) throw conflict('disposition-used', { name });
    await audit(req, 'disposition.deleted', before.id, {
      before: { code: before.code, names: before.names },
    });
    flash(req, 'success', 'campaigns:dispositions.deleted', { name });
    redirect(req, res, '/dispositions');
  });

  /** Two that agents can choose must not share a key. */
  async function taken(req: Request, body: DispositionInput, except: number | null) {
    if (!body.active || body.hotkey === null) return null;
    const other = (await store.all({ activeOnly: true })).find(
      ({ id, hotkey }) => id !== except && hotkey === body.hotkey,
    );
    const { t, locale } = req.context;
    return other
      ? { hotkey: t('campaigns:dispositions.errors.hotkeyTaken', { name: other.names[locale] }) }
      : null;
  }

  function again(
    req: Request,
    res: Response,
    errors: Record<string, string>,
    disposition: Disposition | null,
  ) {
    res.status(422);
    return showForm(req, res, formState(req.body as object, errors), disposition);
  }

  async function showForm(
    req: Request,
    res: Response,
    form: FormState,
    disposition: Disposition | null = null,
    conflict = false,
  ): Promise<void> {
    const { t, locale } = req.context;
    const given = form.values.campaignIds;
    const chosen = (Array.isArray(given) ? given : [given]).map(String);
    const choice = (value: string, label: string) => ({ value, label });
    page(req, res, 'dispositions/form', {
      title: disposition ? disposition.names[locale] : t('campaigns:dispositions.add'),
      nav: '/dispositions',
      script: 'campaigns',
      styles: ['crm', 'campaigns'],
      form,
      hasErrors: Object.keys(form.errors).length > 0,
      disposition,
      conflict,
      used: disposition !== null && disposition.usedAt !== null,
      categoryWord: disposition && t(`campaigns:categories.${disposition.category}`),
      languages: locales.map((value) => ({ name: `names[${value}]`, label: localeNames[value] })),
      choices: {
        categories: dispositionCategories.map((value) => ({
          ...choice(value, t(`campaigns:categories.${value}`)),
          fixed: fixedEnds[value] ?? '',
        })),
        answeredBys: answeredBys.map((value) =>
          choice(value, t(`campaigns:dispositions.answeredBys.${value}`)),
        ),
        ends: dispositionEnds.map((value) => choice(value, t(`campaigns:dispositions.ends.${value}`))),
        units: ['m', 'h', 'd'].map((value) => choice(value, t(`campaigns:units.${value}`))),
        keys: [...'1234567890'].map((value) => choice(value, `Alt ${value}`)),
        campaigns: (await store.campaigns()).map(({ id, name }) => ({
          id,
          name,
          checked: chosen.includes(String(id)),
        })),
      },
    });
  }

  return router;
}

const unitNames = { m: 'minute', h: 'hour', d: 'day' } as const;

/** What becomes of the lead, in words. */
function afterWords(req: Request, disposition: Disposition): string {
  const { t, locale } = req.context;
  const { category, retryMinutes } = disposition;
  if (category === 'dnc' || category === 'callback') return t(`campaigns:dispositions.after.${category}`);
  const end = endOf(disposition);
  if (end !== 'later' || retryMinutes === null) return t(`campaigns:dispositions.after.${end}`);
  const { amount, unit } = retryOf(retryMinutes);
  return t('campaigns:dispositions.after.later', {
    time: formatNumber(amount, locale, { style: 'unit', unit: unitNames[unit], unitDisplay: 'long' }),
  });
}
