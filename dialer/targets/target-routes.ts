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
import { formatDate } from '../../core/i18n/format.ts';
import { localTime } from '../../core/time/local-time.ts';
import { UserStore } from '../../core/users/index.ts';
import { createCampaignStore } from '../../campaigns/campaigns/index.ts';
import { createAgentDayStore } from './agent-day-store.ts';
import { attained, measures, targetFormSchema, type TargetForm, type TargetSet } from './target.ts';
import { createTargetStore } from './target-store.ts';
import { amountText, attainedView } from './target-view.ts';

export const targetRoles = ['supervisor', 'manager'] as const;

/** What agents are to attain in a day, and how they stand. */
export function targetRoutes(app: App): Router {
  const router = Router();
  const store = createTargetStore(app);
  const days = createAgentDayStore(app);
  const campaigns = createCampaignStore(app);
  const users = new UserStore(app.db);
  const audit = createAuditor(app, 'day_targets');
  router.use('/targets', guard(...targetRoles));

  /** Those that may run some day. */
  async function current() {
    const all = await campaigns.list();
    return all.filter(({ state }) => state !== 'stopped' && state !== 'finished');
  }

  router.get('/targets', async (req, res) => {
    const { t, locale } = req.context;
    const open = await current();
    const named = new Map(open.map(({ id, name }) => [id, name]));
    const sets = await store.ofCampaigns([...named.keys()]);
    page(req, res, 'targets/list', {
      title: t('targets:title'),
      styles: ['targets'],
      measures,
      hasCampaigns: open.length > 0,
      sets: sets.map((set) => ({
        ...{ id: set.id, campaignId: set.campaignId, campaign: named.get(set.campaignId) },
        day: dayText(req, set),
        amounts: measures.map((measure) => {
          const amount = set[measure];
          return amount === null ? '–' : amountText(locale, measure, amount);
        }),
      })),
    });
  });

  router.get('/targets/new', (req, res) => showForm(req, res, formState({ ...req.query })));

  const create = validate(
    { body: targetFormSchema },
    { failed: (req, res, form) => showForm(req, res, form) },
  );
  router.post('/targets', create, async (req, res) => {
    const { body } = create.of(req);
    found(await campaigns.get(body.campaignId));
    const id = await store.create(body, app.clock.now());
    if (id === null) return taken(req, res);
    await audit(req, 'targets.created', id, { after: audited(body) });
    flash(req, 'success', 'targets:saved');
    redirect(req, res, '/targets');
  });

  const ofCampaign = validate({ params: idParams });
  router.get('/targets/agents/:id', ofCampaign, async (req, res) => {
    const { context } = req;
    const campaign = found(await campaigns.get(ofCampaign.of(req).params.id));
    const now = app.clock.now();
    const today = localTime(now, context.zone).toISODate()!;
    const set = (await store.inForce([campaign.id], today)).get(campaign.id) ?? null;
    const agentIds = set ? await campaigns.agentsOf(campaign.id) : [];
    const [people, done] = await Promise.all([
      users.byIds(agentIds),
      days.today(agentIds, [campaign.id], now, context.zone),
    ]);
    const rows = agentIds.flatMap((id) => {
      const user = people.get(id);
      const day = done.get(id)?.get(campaign.id);
      if (!user || user.disabledAt !== null || !day || !set) return [];
      return { name: user.name, attained: attained(set, day).map((one) => attainedView(context, one)) };
    });
    page(req, res, 'targets/agents', {
      title: campaign.name,
      nav: '/targets',
      styles: ['targets'],
      campaign,
      set: set && { id: set.id, day: dayText(req, set) },
      today: formatDate(now, 'date', context),
      columns: rows[0]?.attained.map(({ label }) => label) ?? [],
      rows: rows.sort((a, b) => a.name.localeCompare(b.name, context.locale)),
    });
  });

  const byId = validate({ params: idParams });
  router.get('/targets/:id', byId, async (req, res) => {
    const set = found(await store.get(byId.of(req).params.id));
    return showForm(req, res, formState({ ...blankForNull(set) }), set);
  });

  const edit = validate(
    { params: idParams, body: targetFormSchema },
    {
      failed: async (req, res, form) =>
        showForm(req, res, form, found(await store.get(Number(req.params.id)))),
    },
  );
  router.post('/targets/:id', edit, async (req, res) => {
    const { params, body } = edit.of(req);
    const before = found(await store.get(params.id));
    found(await campaigns.get(body.campaignId));
    const done = await store.update(params.id, body, app.clock.now());
    if (done === 'taken') return taken(req, res, before);
    await audit(req, 'targets.changed', params.id, { before: audited(before), after: audited(body) });
    flash(req, 'success', 'targets:saved');
    redirect(req, res, '/targets');
  });

  router.post('/targets/:id/remove', byId, async (req, res) => {
    const { id } = byId.of(req).params;
    const before = found(await store.get(id));
    if (await store.remove(id)) await audit(req, 'targets.removed', id, { before: audited(before) });
    flash(req, 'success', 'targets:removed');
    redirect(req, res, '/targets');
  });

  function taken(req: Request, res: Response, set: TargetSet | null = null): Promise<void> {
    res.status(422);
    const error = req.context.t('targets:errors.taken');
    return showForm(req, res, formState(req.body as object, { day: error }), set);
  }

  async function showForm(
    req: Request,
    res: Response,
    form: FormState,
    set: TargetSet | null = null,
  ): Promise<void> {
    const open = await current();
    // That of a campaign that has ended meanwhile can still be read.
    const own =
      set && !open.some(({ id }) => id === set.campaignId) ? await campaigns.get(set.campaignId) : null;
    page(req, res, 'targets/form', {
      title: req.context.t(set ? 'targets:edit' : 'targets:add'),
      nav: '/targets',
      styles: ['targets'],
      form,
      set,
      campaigns: [...open, ...(own ? [own] : [])].map(({ id, name }) => ({ value: String(id), label: name })),
    });
  }

  function dayText({ context }: Request, { day }: TargetSet): string {
    if (day === '') return context.t('targets:everyDay');
    return formatDate(localTime(0, context.zone).set(dateParts(day)).toMillis(), 'date', context);
  }

  return router;
}

function dateParts(day: string): { year: number; month: number; day: number } {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return { year, month, day: date };
}

/** By names that say in the audit what they are: "calls" stands for something else there. */
function audited(set: TargetForm) {
  const { campaignId, day, calls, contacts, sales, talkShare, wrapupSeconds } = set;
  return {
    ...{ campaignId, targetDay: day, callTarget: calls, contactTarget: contacts, saleTarget: sales },
    ...{ talkShareTarget: talkShare, wrapupTarget: wrapupSeconds },
  };
}

/** A form shows no `null`. */
function blankForNull(set: TargetSet): Record<string, unknown> {
  return Object.fromEntries(Object.entries(set).map(([key, value]) => [key, value ?? '']));
}
