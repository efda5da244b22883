import { Router, type Request, type Response } from 'express';
import type { App } from '../../core/app.ts';
import { conflict, flash, formState, found, guard, idParams, page, redirect, validate, type FormState } from '../../core/http/index.ts'; // prettier-ignore
import { UserStore } from '../../core/users/index.ts';
import { createCampaignStore, createDispositionStore } from '../../campaigns/index.ts';
import { barOf } from './plan-bar.ts';
import { createPlanStore, planForm, type Plan, type PlanForm } from './plan-store.ts';
import { byOf } from './quality-request.ts';
import { reviewers } from './review.ts';
import { createSheetStore } from './sheet-store.ts';

/** Which calls are drawn for whom. */
export function planRoutes(app: App): Router {
  const router = Router();
  const plans = createPlanStore(app);
  const sheets = createSheetStore(app);
  const campaigns = createCampaignStore(app);
  const dispositions = createDispositionStore(app);
  const users = new UserStore(app.db);
  router.use('/quality/plans', guard(...reviewers));

  router.get('/quality/plans', async (req, res) => {
    const [all, everySheet, reviewersNow] = await Promise.all([
      plans.all(),
      sheets.all(),
      users.active(...reviewers),
    ]);
    const people = await users.byIds(all.map(({ reviewerId }) => reviewerId));
    const sheetOf = new Map(everySheet.map(({ id, name }) => [id, name]));
    page(req, res, 'dialer/quality-plans', {
      title: req.context.t('quality:plans.title'),
      nav: '/quality',
      hasSheets: everySheet.some(({ archivedAt }) => archivedAt === null),
      plans: all.map((plan) => ({
        ...plan,
        bar: plan.isOn ? barOf(plan, reviewersNow, everySheet) : null,
        sheet: sheetOf.get(plan.sheetId) ?? '–',
        reviewer: people.get(plan.reviewerId)?.name ?? '–',
      })),
    });
  });

  router.get('/quality/plans/new', (req, res) =>
    showForm(req, res, formState({ calls: 3, isOn: true, revision: 0 }), null),
  );

  const create = validate({ body: planForm }, { failed: (req, res, form) => showForm(req, res, form, null) });
  router.post('/quality/plans', create, async (req, res) => {
    const { body } = create.of(req);
    await demandParts(body);
    await plans.save(null, body, req.context.zone, byOf(app, req));
    saved(req, res);
  });

  const byId = validate({ params: idParams });
  router.get('/quality/plans/:id', byId, async (req, res) => {
    const plan = found(await plans.get(byId.of(req).params.id));
    await showForm(req, res, formState(plan), plan);
  });

  const edit = validate(
    { params: idParams, body: planForm },
    {
      failed: async (req, res, form) =>
        showForm(req, res, form, found(await plans.get(Number(req.params.id)))),
    },
  );
  router.post('/quality/plans/:id', edit, async (req, res) => {
    const { params, body } = edit.of(req);
    found(await plans.get(params.id));
    await demandParts(body);
    if ((await plans.save(params.id, body, req.context.zone, byOf(app, req))) === null)
      throw conflict('quality-plan-changed');
    saved(req, res);
  });

  /** What it names is there, and its reviewer is one. */
  async function demandParts({ sheetId, reviewerId, campaignId }: PlanForm): Promise<void> {
    found(await sheets.get(sheetId));
    found((await users.active(...reviewers)).find(({ id }) => id === reviewerId));
    if (campaignId !== null) found(await campaigns.get(campaignId));
  }

  function saved(req: Request, res: Response): void {
    flash(req, 'success', 'quality:plans.saved');
    redirect(req, res, '/quality/plans');
  }

  async function showForm(req: Request, res: Response, form: FormState, plan: Plan | null): Promise<void> {
    const { t, locale } = req.context;
    const [everySheet, people, everyCampaign, results] = await Promise.all([
      sheets.all(),
      users.active(...reviewers),
      campaigns.named(),
      dispositions.all(),
    ]);
    const named = (rows: readonly { id: number; name: string }[]) =>
      rows.map(({ id, name }) => ({ value: id, label: name }));
    page(req, res, 'dialer/quality-plan', {
      title: plan?.name ?? t('quality:plans.add'),
      nav: '/quality',
      form,
      plan,
      bar: plan?.isOn ? barOf(plan, people, everySheet) : null,
      sheets: named(everySheet.filter(({ id, archivedAt }) => archivedAt === null || id === plan?.sheetId)),
      people: named(people),
      campaigns: named(everyCampaign),
      dispositions: results.map(({ id, names }) => ({ value: id, label: names[locale] })),
    });
  }

  return router;
}
