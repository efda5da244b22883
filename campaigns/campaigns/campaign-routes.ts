import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  can,
  conflict,
  createAuditor,
  flash,
  formState,
  found,
  fragment,
  guard,
  isHtmx,
  page,
  redirect,
  userOf,
  validate,
  wantsJson,
  type FormState,
} from '../../core/http/index.ts';
import { localPath } from '../../core/http/page.ts';
import { zoneLabel } from '../../core/i18n/index.ts';
import { defaultCountry } from '../../crm/index.ts';
import { createDispositionStore } from '../dispositions/index.ts';
import { createLeadStore } from '../leads/index.ts';
import { createDueAgain, mayOpenLeads } from '../leads/due-again.ts';
import { createWantedChanges } from '../leads/wanted-changes.ts';
import { createCampaignChecks, rulesChoosers } from './campaign-checks.ts';
import { campaignFormSchema, formOf } from './campaign-form.ts';
import { campaignEditors, campaignMakers, campaignParams, campaignReaders } from './campaign-access.ts';
import { campaignList } from './campaign-list.ts';
import { createCampaignMover } from './campaign-mover.ts';
import { badges, createCampaignPages, progressView, stateView } from './campaign-pages.ts';
import { createCampaignRules } from './campaign-rules.ts';
import { createCampaignView } from './campaign-view.ts';
import { createCampaignStore, type CampaignDraft } from './campaign-store.ts';
import type { Campaign } from './campaign.ts';
import { defaultCampaign } from './defaults.ts';
import { differences } from './draft-differences.ts';
import { zoneForNew, zonesToPropose } from './zone-for-new.ts';

const controlBody = z.object({ next: z.string().max(300).optional() });

/** The campaigns, one campaign, its form, and start, pause and stop. */
export function campaignRoutes(app: App): Router {
  const router = Router();
  const store = createCampaignStore(app);
  const leads = createLeadStore(app);
  const wanted = createWantedChanges(app);
  const dueAgain = createDueAgain(app);
  const dispositions = createDispositionStore(app);
  const pages = createCampaignPages(app);
  const showCampaign = createCampaignView(app);
  const check = createCampaignChecks(app);
  const rules = createCampaignRules(app);
  const byId = validate({ params: campaignParams });
  const readers = guard(...campaignReaders);
  const editors = guard(...campaignEditors);
  const makers = guard(...campaignMakers);
  const record = createAuditor(app, 'campaigns');
  const move = createCampaignMover(app);

  router.get('/campaigns', readers, async (req, res) => {
    const { t } = req.context;
    const options = (values: readonly string[], label: (value: string) => string) =>
      values.map((value) => ({ value, label: t(label(value)) }));
    await campaignList.respond(
      req,
      res,
      'campaigns/campaigns',
      async ({ filters, sort, direction, limit, offset }) => {
        const all = (await store.list({ archived: filters.archived === 'yes' })).filter(
          (campaign) =>
            (!filters.q || campaign.name.toLowerCase().includes(filters.q.toLowerCase())) &&
            (!filters.state || campaign.state === filters.state) &&
            (!filters.mode || campaign.mode === filters.mode),
        );
        const by: Record<string, (campaign: Campaign) => string | number> = {
          name: (campaign) => campaign.name.toLowerCase(),
          state: (campaign) => campaign.state,
          priority: (campaign) => campaign.priority,
          created: (campaign) => campaign.id,
        };
        const key = by[sort] ?? by.created!;
        const sign = direction === 'asc' ? 1 : -1;
        all.sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
        const rows = all.slice(offset, offset + limit).map((campaign) => ({
          campaign,
          ...badges[campaign.state],
          stateWord: stateView(campaign, req.context).word,
          zone: zoneLabel(campaign.zone, req.context.locale),
        }));
        return { rows, total: { count: all.length, more: false } };
      },
      {
        title: t('campaigns:title'),
        script: 'campaigns',
        styles: ['crm', 'campaigns'],
        mayEdit: can(req, ...campaignMakers),
        choices: {
          states: options(Object.keys(badges), (value) => `campaigns:states.${value}`),
          modes: options(
            ['preview', 'progressive', 'power', 'predictive'],
            (value) => `campaigns:modes.${value}.name`,
          ),
          archived: [{ value: 'yes', label: t('campaigns:list.archived') }],
        },
      },
    );
  });

  router.get('/campaigns/:id/progress', readers, byId, async (req, res) => {
    const { id } = byId.of(req).params;
    const counts = await leads.countsByState(id);
    fragment(req, res, 'campaigns/progress-cell', { id, progress: progressView(counts, req.context) });
  });

  async function showForm(
    req: Request,
    res: Response,
    form: FormState,
    campaign: Campaign | null,
    extra: object = {},
  ) {
    const { t } = req.context;
    const choices = await pages.formChoices(req, form.values, campaign);
    const countries = choices.countries.map(({ value }) => value);
    page(req, res, 'campaigns/campaign-form', {
      title: campaign ? t('campaigns:edit', { name: campaign.name }) : t('campaigns:add'),
      nav: '/campaigns',
      script: 'campaigns',
      styles: ['crm', 'campaigns'],
      form,
      hasErrors: Object.keys(form.errors).length > 0,
      campaign,
      choices,
      zones: campaign ? null : zonesToPropose(req.context, countries),
      words: { unsaved: t('campaigns:unsaved') },
      ...extra,
    });
  }

  router.get('/campaigns/new', makers, async (req, res) => {
    const all = await dispositions.all({ activeOnly: true });
    const country = await app.settings.get(defaultCountry);
    const draft: CampaignDraft = {
      ...defaultCampaign,
      defaultCountry: country,
      zone: zoneForNew(req.context, country),
      trunkIds: (await pages.facts.trunks()).filter((trunk) => trunk.enabled).map(({ id }) => id),
      agentIds: [],
      dispositionIds: all.map(({ id }) => id),
    };
    await showForm(req, res, formState(formOf(draft, 0, req.context.locale)), null);
  });

  const create = validate(
    { body: campaignFormSchema },
    { failed: (req, res, form) => showForm(req, res, form, null) },
  );
  router.post('/campaigns', makers, create, async (req, res) => {
    const { body } = create.of(req);
    const { draft } = body;
    const checked = await check(req, body, null);
    if (Object.keys(checked.errors).length > 0) {
      res.status(422);
      return showForm(req, res, formState(req.body as object, checked.errors), null);
    }
    const chosen = { ...body, ...checked };
    const kept = rules.kept(chosen, null);
    const id = await store.create(kept, { userId: userOf(req).id, now: app.clock.now() });
    await record(req, 'campaign.created', id, { after: kept });
    flash(req, 'success', 'campaigns:created', { name: draft.name });
    if (await rules.settle(req, id, chosen, null)) flash(req, 'info', 'campaigns:ruleProposal.waits');
    redirect(req, res, `/campaigns/${id}`);
  });

  router.get('/campaigns/:id', readers, byId, async (req, res) => {
    const campaign = found(await store.get(byId.of(req).params.id));
    await showCampaign(req, res, campaign);
  });

  router.get('/campaigns/:id/live', readers, byId, async (req, res) => {
    const campaign = found(await store.get(byId.of(req).params.id));
    // Buttons and headings outside this part depend on the state: the page is read anew once it has changed.
    if (req.query.state !== undefined && req.query.state !== campaign.state) res.set('hx-refresh', 'true');
    fragment(req, res, 'campaigns/live', { live: await pages.livePart(req, campaign), campaign });
  });

  async function draftOf(campaign: Campaign): Promise<CampaignDraft> {
    return {
      ...campaign,
      trunkIds: await store.trunksOf(campaign.id),
      agentIds: await store.agentsOf(campaign.id),
      dispositionIds: await store.dispositionsOf(campaign.id),
    };
  }

  router.get('/campaigns/:id/edit', editors, byId, async (req, res) => {
    const campaign = found(await store.get(byId.of(req).params.id));
    await showForm(
      req,
      res,
      formState(formOf(await draftOf(campaign), campaign.revision, req.context.locale)),
      campaign,
    );
  });

  const edit = validate(
    { params: campaignParams, body: campaignFormSchema },
    {
      failed: async (req, res, form) =>
        showForm(req, res, form, found(await store.get(Number(req.params.id)))),
    },
  );
  router.post('/campaigns/:id', editors, edit, async (req, res) => {
    const { params, body } = edit.of(req);
    const before = found(await store.get(params.id));
    const draftBefore = await draftOf(before);
    const checked = await check(req, body, draftBefore);
    if (Object.keys(checked.errors).length > 0) {
      res.status(422);
      return showForm(req, res, formState(req.body as object, checked.errors), before);
    }
    const chosen = { ...body, ...checked };
    const kept = rules.kept(chosen, draftBefore.ruleSet);
    const change = differences(draftBefore, kept);
    const saved = await store.update(params.id, body.revision, kept, app.clock.now(), async (trx) => {
      if (Object.keys(change.after).length > 0) await record(req, 'campaign.changed', params.id, change, trx);
    });
    if (!saved.saved) {
      const theirs = found(await store.get(params.id));
      const form = formState({ ...(req.body as object), revision: theirs.revision });
      res.status(409);
      return showForm(req, res, form, theirs, { conflict: true });
    }
    const waits = await rules.settle(req, params.id, chosen, draftBefore.ruleSet);
    if ('leadFilter' in change.after) await wanted.queue(params.id);
    if (mayOpenLeads(change.after)) await dueAgain.apply(params.id);
    flash(req, 'success', 'campaigns:saved', { name: body.draft.name });
    if (waits) flash(req, 'info', 'campaigns:ruleProposal.waits');
    if (await wanted.isBehind(params.id)) flash(req, 'warning', 'campaigns:leadsFollow');
    redirect(req, res, `/campaigns/${params.id}`);
  });

  const control = validate({ params: campaignParams, body: controlBody });
  for (const event of ['start', 'pause', 'stop'] as const)
    router.post(`/campaigns/:id/${event}`, readers, control, async (req, res) => {
      const { params, body } = control.of(req);
      const campaign = found(await store.get(params.id));
      const back = localPath(body.next, `/campaigns/${params.id}`);
      const refused = await move(req, campaign, event);
      if (refused && (isHtmx(req) || wantsJson(req))) throw conflict(refused.code, refused.details);
      if (refused) flash(req, 'danger', `campaigns:refusals.${refused.code}`, refused.details);
      else flash(req, 'success', `campaigns:controlled.${event}`, { name: campaign.name });
      redirect(req, res, back);
    });

  router.post('/campaigns/:id/copy', makers, byId, async (req, res) => {
    const campaign = found(await store.get(byId.of(req).params.id));
    const name = req.context.t('campaigns:copyName', { name: campaign.name }).slice(0, 120);
    // Rules instead of the law's were allowed for that campaign, by whoever may allow it, or by two.
    const mayChoose = can(req, ...rulesChoosers);
    const weakens = mayChoose && (await rules.weakenTheLaw(campaign.ruleSet));
    const ruleSet = mayChoose && !weakens ? campaign.ruleSet : null;
    const original = await draftOf(campaign);
    const draft = { ...original, name, ruleSet };
    const id = await store.create(draft, { userId: userOf(req).id, now: app.clock.now() });
    await record(req, 'campaign.created', id, { after: { name, copyOf: campaign.id, ruleSet } });
    flash(req, 'success', 'campaigns:created', { name });
    const chosen = { draft: original, ruleSetReason: name, replacesRules: false, weakens };
    if (await rules.settle(req, id, chosen, null)) flash(req, 'info', 'campaigns:ruleProposal.waits');
    redirect(req, res, `/campaigns/${id}/edit`);
  });

  const archive = validate({ params: campaignParams, body: z.object({ archived: z.enum(['yes', 'no']) }) });
  router.post('/campaigns/:id/archive', makers, archive, async (req, res) => {
    const { params, body } = archive.of(req);
    const campaign = found(await store.get(params.id));
    const archived = body.archived === 'yes';
    if (!(await store.archive(params.id, archived, app.clock.now())))
      throw conflict('campaign-state', { state: req.context.t(`campaigns:states.${campaign.state}`) });
    await record(req, archived ? 'campaign.archived' : 'campaign.restored', params.id);
    flash(req, 'success', archived ? 'campaigns:archived' : 'campaigns:restored', { name: campaign.name });
    redirect(req, res, '/campaigns');
  });

  return router;
}
