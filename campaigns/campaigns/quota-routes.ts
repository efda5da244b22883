import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { createAuditor, flash, formState, found, guard, redirect, validate } from '../../core/http/index.ts';
import { createQuotas, mostQuotas } from '../leads/quotas.ts';
import { createWantedChanges } from '../leads/wanted-changes.ts';
import { campaignEditors, campaignParams } from './campaign-access.ts';
import { createCampaignView } from './campaign-view.ts';
import { createCampaignStore } from './campaign-store.ts';
import { readFilter } from './filter-form.ts';

const goal = z.coerce.number().int().min(1).max(1_000_000);
const newQuota = z
  .object({ name: z.string().trim().min(1).max(120), goal })
  .catchall(z.unknown())
  .transform((body, context) => {
    let isRefused = false;
    const refuse: typeof context.addIssue = (issue) => {
      isRefused = true;
      context.addIssue(issue);
    };
    const who = readFilter(body, { addIssue: refuse });
    if (!who && !isRefused)
      context.addIssue({ code: 'custom', path: ['filter_0_value'], message: 'campaigns:errors.filterValue' });
    return who ? { name: body.name, goal: body.goal, who } : z.NEVER;
  });

/** How many successes are wanted of which customers of a campaign. */
export function quotaRoutes(app: App): Router {
  const router = Router();
  const campaigns = createCampaignStore(app);
  const quotas = createQuotas(app);
  const wanted = createWantedChanges(app);
  const showCampaign = createCampaignView(app);
  const editors = guard(...campaignEditors);
  const audit = createAuditor(app, 'campaigns');

  const back = (req: Request) => `/campaigns/${req.params.id}#quotas`;
  const sayIfBehind = async (req: Request, id: number) => {
    if (await wanted.isBehind(id)) flash(req, 'warning', 'campaigns:leadsFollow');
  };

  const added = validate(
    { params: campaignParams, body: newQuota },
    {
      failed: async (req, res, form) =>
        showCampaign(req, res, found(await campaigns.get(Number(req.params.id))), { quota: form }),
    },
  );
  router.post('/campaigns/:id/quotas', editors, added, async (req, res) => {
    const { params, body } = added.of(req);
    const campaign = found(await campaigns.get(params.id));
    const errors: Record<string, string> = {};
    const addIssue = (issue: unknown) => {
      const { path, message } = issue as { path: [string]; message: string };
      errors[path[0]] = req.context.t(message);
    };
    // Again, now that the campaign's country is known.
    const who = readFilter(req.body as Record<string, unknown>, { addIssue }, campaign.defaultCountry);
    if (!who || Object.keys(errors).length > 0) {
      res.status(422);
      return showCampaign(req, res, campaign, { quota: formState(req.body as object, errors) });
    }
    if (!(await quotas.add(params.id, { ...body, who }))) {
      const full = req.context.t('campaigns:refusals.quotas-full', { most: mostQuotas });
      res.status(422);
      return showCampaign(req, res, campaign, { quota: formState(req.body as object, { _: full }) });
    }
    await audit(req, 'campaign.quota-added', params.id, { after: { name: body.name, goal: body.goal } });
    flash(req, 'success', 'campaigns:quotas.added', { name: body.name });
    await sayIfBehind(req, params.id);
    redirect(req, res, back(req));
  });

  const one = campaignParams.extend({ quotaId: z.coerce.number().int().positive() });
  const changed = validate(
    { params: one, body: z.object({ goal }) },
    {
      failed: async (req, res, form) =>
        showCampaign(req, res, found(await campaigns.get(Number(req.params.id))), {
          goal: { quotaId: Number(req.params.quotaId), form },
        }),
    },
  );
  router.post('/campaigns/:id/quotas/:quotaId', editors, changed, async (req, res) => {
    const { params, body } = changed.of(req);
    const before = found(await quotas.setGoal(params.id, params.quotaId, body.goal));
    await audit(req, 'campaign.quota-changed', params.id, {
      before: { name: before.name, goal: before.goal },
      after: { name: before.name, goal: body.goal },
    });
    flash(req, 'success', 'campaigns:quotas.saved', { name: before.name });
    await sayIfBehind(req, params.id);
    redirect(req, res, back(req));
  });

  const removed = validate({ params: one });
  router.post('/campaigns/:id/quotas/:quotaId/remove', editors, removed, async (req, res) => {
    const { params } = removed.of(req);
    const before = await quotas.remove(params.id, params.quotaId);
    if (before) {
      await audit(req, 'campaign.quota-removed', params.id, {
        before: { name: before.name, goal: before.goal },
      });
      flash(req, 'success', 'campaigns:quotas.removed', { name: before.name });
    }
    await sayIfBehind(req, params.id);
    redirect(req, res, back(req));
  });

  return router;
}
