import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  conflict,
  createAuditor,
  flash,
  found,
  fragment,
  guard,
  isHtmx,
  redirect,
  userOf,
  validate,
} from '../../core/http/index.ts';
import { formatDate, formatNumber, joinSentences, zoneLongName } from '../../core/i18n/index.ts';
import {
  checkScript,
  fieldsOf,
  scriptProblemParams,
  chooseLanguage,
  createCustomerStore,
  languageName,
  mergeScript,
  mergeValues,
} from '../../crm/index.ts';
import { attemptOutcomes, createLeadStore } from '../leads/index.ts';
import { createLeadBuilder } from '../leads/lead-builder.ts';
import { createListMix, heaviest } from '../leads/list-mix.ts';
import { createWantedChanges } from '../leads/wanted-changes.ts';
import { createListStore } from '../lists/index.ts';
import { createDispositionStore } from '../dispositions/index.ts';
import { campaignEditors, campaignParams, campaignReaders } from './campaign-access.ts';
import { createCampaignStore } from './campaign-store.ts';
import { createCampaignView } from './campaign-view.ts';
import { contentLanguages } from './campaign.ts';
import { createWhatIf } from './what-if.ts';

/** More zones than this are counted. */
const zonesNamed = 8;

const joinBody = z.object({
  listId: z.coerce.number().int().positive(),
  priority: z.preprocess((value) => value || 5, z.coerce.number().int().min(1).max(9)),
});
const many = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]),
    z.array(item).max(200),
  );
const mixBody = z
  .object({
    listId: many(z.coerce.number().int().positive()),
    priority: many(z.coerce.number().int().min(1).max(9)),
    weight: many(z.coerce.number().int().min(1).max(heaviest)),
  })
  .refine(
    ({ listId, priority, weight }) => listId.length === priority.length && listId.length === weight.length,
  );
const recycleBody = z.object({
  dispositionIds: many(z.coerce.number().int().positive()),
  outcomes: many(z.enum(attemptOutcomes)),
});
const previewBody = z.object({
  text: z.string().max(20_000).default(''),
  language: z.enum(contentLanguages).catch('en'),
  customer: z.string().max(200).default(''),
  name: z.string().max(120).default(''),
});

/** What is done to a campaign beside its settings: lists, recycling, looking ahead, trying a script out. */
export function campaignListRoutes(app: App): Router {
  const router = Router();
  const store = createCampaignStore(app);
  const lists = createListStore(app);
  const leads = createLeadStore(app);
  const builder = createLeadBuilder(app);
  const mix = createListMix(app);
  const wanted = createWantedChanges(app);
  const customers = createCustomerStore(app);
  const dispositions = createDispositionStore(app);
  const whatIf = createWhatIf(app);
  const showCampaign = createCampaignView(app);
  const editors = guard(...campaignEditors);
  const readers = guard(...campaignReaders);

  const audit = createAuditor(app, 'campaigns');
  const record = (req: Request, action: string, id: number, after: object) =>
    audit(req, action, id, { after });

  const sayIfBehind = async (req: Request, id: number) => {
    if (await wanted.isBehind(id)) flash(req, 'warning', 'campaigns:leadsFollow');
  };

  const join = validate({ params: campaignParams, body: joinBody });
  router.post('/campaigns/:id/lists', editors, join, async (req, res) => {
    const { params, body } = join.of(req);
    found(await store.get(params.id));
    const list = found(await lists.get(body.listId));
    if (!(await store.attachList(params.id, body.listId, body.priority)))
      throw conflict('list-joined', { name: list.name });
    await builder.build(params.id, body.listId);
    await record(req, 'campaign.list-joined', params.id, {
      list: list.name,
      listId: list.id,
      priority: body.priority,
    });
    flash(req, 'success', 'campaigns:listJoined', { name: list.name });
    redirect(req, res, `/campaigns/${params.id}#lists`);
  });

  /** In which order and in which shares its lists are dialled. */
  const reorder = validate(
    { params: campaignParams, body: mixBody },
    {
      failed: async (req, res, order) =>
        showCampaign(req, res, found(await store.get(Number(req.params.id))), { order }),
    },
  );
  router.post('/campaigns/:id/lists/order', editors, reorder, async (req, res) => {
    const { params, body } = reorder.of(req);
    found(await store.get(params.id));
    const places = new Map(
      body.listId.map((id, index) => [id, { priority: body.priority[index]!, weight: body.weight[index]! }]),
    );
    const changes = await mix.change(params.id, places);
    for (const { listId, before, after } of changes) {
      const list = (await lists.get(listId))?.name ?? `#${listId}`;
      await audit(req, 'campaign.lists-reordered', params.id, {
        before: { list, listId, ...before },
        after: { list, listId, ...after },
      });
    }
    flash(req, changes.length > 0 ? 'success' : 'info', 'campaigns:listsReordered', {
      count: changes.length,
    });
    await sayIfBehind(req, params.id);
    redirect(req, res, `/campaigns/${params.id}#lists-order`);
  });

  const leave = validate({ params: campaignParams.extend({ listId: z.coerce.number().int().positive() }) });
  router.post('/campaigns/:id/lists/:listId/remove', editors, leave, async (req, res) => {
    const { id, listId } = leave.of(req).params;
    const list = found(await lists.get(listId));
    if (await store.detachList(id, listId)) {
      await wanted.queue(id);
      await record(req, 'campaign.list-left', id, { list: list.name, listId });
      flash(req, 'success', 'campaigns:listLeft', { name: list.name });
    } else flash(req, 'info', 'campaigns:listNotThere', { name: list.name });
    await sayIfBehind(req, id);
    redirect(req, res, `/campaigns/${id}#lists`);
  });

  router.post('/campaigns/:id/lists/:listId/build', editors, leave, async (req, res) => {
    const { id, listId } = leave.of(req).params;
    const list = found(await lists.get(listId));
    await builder.build(id, listId);
    await record(req, 'campaign.list-built', id, { list: list.name, listId });
    redirect(req, res, `/campaigns/${id}#lists`);
  });

  const recycle = validate({ params: campaignParams, body: recycleBody });
  router.post('/campaigns/:id/recycle', editors, recycle, async (req, res) => {
    const { params, body } = recycle.of(req);
    found(await store.get(params.id));
    const count = await leads.recycle(params.id, body, app.clock.now());
    await record(req, 'campaign.recycled', params.id, { ...body, leads: count });
    app.bus.publish('campaign.changed', { campaignId: params.id });
    flash(req, count > 0 ? 'success' : 'info', 'campaigns:recycled', { count });
    redirect(req, res, `/campaigns/${params.id}/leads`);
  });

  const byId = validate({ params: campaignParams });
  router.get('/campaigns/:id/what-if', readers, byId, async (req, res) => {
    const campaign = found(await store.get(byId.of(req).params.id));
    const { t, locale } = req.context;
    const answer = await whatIf(campaign);
    const anyLeads =
      answer.asked > 0 || Object.values(await leads.countsByState(campaign.id)).some((count) => count > 0);
    const at = answer.asked > 0 ? answer.nextAllowedAt : await leads.nextDue(campaign.id);
    const later =
      at === null || at <= app.clock.now()
        ? ''
        : t(answer.asked > 0 ? 'campaigns:whatIf.nextAt' : 'campaigns:whatIf.nextDue', {
            at: formatDate(at, 'datetime', req.context),
          });
    const numbers = {
      asked: formatNumber(answer.asked, locale),
      allowed: formatNumber(answer.allowed, locale),
    };
    const zones = [...new Set(answer.zones.map((zone) => zoneLongName(zone, locale)))];
    fragment(req, res, 'campaigns/what-if', {
      none:
        answer.asked === 0
          ? joinSentences([t(`campaigns:whatIf.${anyLeads ? 'none' : 'noLeads'}`), later], locale)
          : null,
      sentence: joinSentences([t('campaigns:whatIf.sentence', numbers), later], locale),
      blocked: answer.blocked.map(({ reason, count }) => ({ count, text: t(`compliance:reason.${reason}`) })),
      zoneCount: zones.length,
      zoneNames: zones.slice(0, zonesNamed).join(t('campaigns:listSeparator')),
      moreZones: Math.max(0, zones.length - zonesNamed),
    });
  });

  const preview = validate({ body: previewBody });
  router.post('/campaigns/preview-script', editors, preview, async (req, res) => {
    const { text, language, customer: query, name } = preview.of(req).body;
    const { t, locale } = req.context;
    const [customer] = query.trim()
      ? await customers.search(query, 1)
      : (await customers.list({}, { sort: 'id', direction: 'desc', limit: 1, offset: 0 })).rows;
    const problems = checkScript(text).map((problem) =>
      t(`crm:scriptProblems.${problem.code}`, scriptProblemParams(problem)),
    );
    const missing = customer
      ? fieldsOf(text).filter((field) => field.startsWith('custom.') && !(field.slice(7) in customer.custom))
      : [];
    const values = customer && mergeValues(customer, { agent: userOf(req).name, campaign: name });
    const spoken = chooseLanguage({ [language]: text }, customer?.language ?? null);
    fragment(req, res, 'campaigns/script-preview', {
      customer,
      problems,
      missing: missing.map((field) => field.slice(7)).join(t('campaigns:listSeparator')),
      text: values ? mergeScript(text, values) : text,
      empty: text.trim() === '',
      language: languageName(spoken, locale),
    });
  });

  /** What can be dialled again: shown where leads are looked through. */
  router.get('/campaigns/:id/recycle', editors, byId, async (req, res) => {
    const campaign = found(await store.get(byId.of(req).params.id));
    // Typed as an address it would be a form without its page.
    if (!isHtmx(req)) return redirect(req, res, `/campaigns/${campaign.id}/leads`);
    const { locale, t } = req.context;
    const chosen = await dispositions.ofCampaign(campaign.id);
    fragment(req, res, 'campaigns/recycle', {
      campaign,
      dispositions: chosen
        .filter(({ category }) => category !== 'dnc')
        .map(({ id, names }) => ({ value: id, label: names[locale] })),
      outcomes: attemptOutcomes
        .filter((outcome) => outcome !== 'answered')
        .map((value) => ({ value, label: t(`crm:outcomes.${value}`) })),
    });
  });

  return router;
}
