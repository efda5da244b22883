import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { fromLocal } from '../../core/time/local-time.ts';
import type { App } from '../../core/app.ts';
import {
  can,
  createAuditor,
  createList,
  flash,
  formState,
  found,
  guard,
  idParams,
  page,
  redirect,
  userOf,
  validate,
  type FormState,
} from '../../core/http/index.ts';
import { formatPhone } from '../../core/i18n/index.ts';
import { UserStore } from '../../core/users/index.ts';
import { countryChoices, defaultCountry, isCountry } from '../../crm/index.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import { campaignWords } from '../campaigns/campaign-words.ts';
import { createDispositionStore } from '../dispositions/index.ts';
import { dncApiRoutes } from './dnc-api-routes.ts';
import { dncImportRoutes } from './dnc-import-routes.ts';
import { readForDnc, toE164 } from './dnc-import.ts';
import { createDncStore } from './dnc-store.ts';
import { dncReason, dncSources, type DncEntry } from './dnc.ts';
import { createAnnulRefusal } from './annul-refusal.ts';
import { createRefusedBy } from './refused-by.ts';

/** Whoever runs campaigns may forbid a call; allowing one again is for managers. */
const adders = ['supervisor', 'marketing', 'manager'] as const;
/** What the dialer writes when a customer presses the opt-out digit. */
const optOut = 'opt-out';
const everywhereChoice = 'all';

interface ShownEntry extends DncEntry {
  readonly shown: string;
  readonly digits: string;
  readonly scope: string;
  readonly who: string;
  readonly mayRemove: boolean;
  readonly ranOut: boolean;
}

const filters = z.object({
  number: z
    .string()
    .max(30)
    .regex(/^[\d\s()+.-]*$/)
    .optional(),
  campaign: z.union([z.literal(everywhereChoice), z.coerce.number().int().positive()]).optional(),
  source: z.enum(dncSources).optional(),
});
const scopeField = z.union([z.literal(''), z.coerce.number().int().positive()]).default('');
const addBody = z.object({
  number: z.string().trim().min(1).max(40),
  country: z.string().refine((code) => isCountry(code), 'dnc:errors.country'),
  campaign: scopeField,
  reason: dncReason,
  expires: z.union([z.literal(''), z.iso.date()]).default(''),
});
const removeBody = z.object({ reason: dncReason });
const historyQuery = z.object({ number: z.string().regex(/^\+\d{6,15}$/) });
const annulBody = z.object({
  number: historyQuery.shape.number,
  customer: z.coerce.number().int().positive(),
  call: z.string().min(1).max(191),
  reason: dncReason,
});

const list = createList<ShownEntry, typeof filters>({
  file: 'dnc',
  exported: 'dnc.exported',
  columns: [
    {
      key: 'e164',
      labelKey: 'dnc:number',
      value: (row) => row.e164,
      format: 'phone',
      sortable: true,
      partial: 'dnc/number-cell',
    },
    { key: 'scope', labelKey: 'dnc:scope', value: (row) => row.scope },
    { key: 'reason', labelKey: 'dnc:reason', value: (row) => row.reason },
    { key: 'source', labelKey: 'dnc:source', value: (row) => `dnc:sources.${row.source}`, format: 'key' },
    { key: 'who', labelKey: 'dnc:addedBy', value: (row) => row.who, minor: true },
    {
      key: 'addedAt',
      labelKey: 'dnc:addedAt',
      value: (row) => row.addedAt,
      format: 'datetime',
      sortable: true,
    },
    {
      key: 'expiresAt',
      labelKey: 'dnc:expiresAt',
      value: (row) => row.expiresAt,
      format: 'datetime',
      partial: 'dnc/until-cell',
    },
  ],
  sort: { column: 'addedAt', direction: 'desc' },
  filters,
  empty: {
    titleKey: 'dnc:empty',
    textKey: 'dnc:emptyText',
    action: { href: '/dnc/new', labelKey: 'dnc:add', roles: adders },
  },
});

/** The DNC list: look, search, add, remove with a reason, load a file, and what was done to a number. */
export function dncRoutes(app: App): Router {
  const router = Router();
  const store = createDncStore(app);
  const refusedBy = createRefusedBy(app);
  const annulRefusal = createAnnulRefusal(app);
  const auditConsents = createAuditor(app, 'consents');
  const campaigns = createCampaignStore(app);
  const dispositions = createDispositionStore(app);
  const users = new UserStore(app.db);
  const audit = createAuditor(app, 'dnc_numbers');
  router.use(dncApiRoutes(app));
  router.use('/dnc', guard(...adders));
  router.use(dncImportRoutes(app));

  const openCampaigns = async (): Promise<{ value: number; label: string }[]> =>
    (await campaigns.list()).map(({ id, name }) => ({ value: id, label: name }));

  async function describe(req: Request, entries: readonly DncEntry[]): Promise<ShownEntry[]> {
    const { t } = req.context;
    const names = await namesOf(entries.map(({ addedBy }) => addedBy));
    const scopes = new Map<number | null, string>([[null, t('dnc:everywhere')]]);
    for (const { campaignId } of entries)
      if (!scopes.has(campaignId)) scopes.set(campaignId, await scopeWords(req, campaignId));
    const now = app.clock.now();
    const words = await reasonWords(req);
    return entries.map((entry) => ({
      ...entry,
      reason: words(entry),
      shown: formatPhone(entry.e164),
      digits: entry.e164.slice(1),
      scope: scopes.get(entry.campaignId) ?? '',
      who: names.get(entry.addedBy) ?? t('dnc:system'),
      mayRemove: can(req, 'manager'),
      ranOut: entry.expiresAt !== null && entry.expiresAt <= now,
    }));
  }

  /** Agents and customers give a code as the reason; people who type give words. */
  async function reasonWords(req: Request): Promise<(entry: Pick<DncEntry, 'source' | 'reason'>) => string> {
    const { t, locale } = req.context;
    const all = await dispositions.all();
    return ({ source, reason }) => {
      if (source === 'agent') return all.find(({ code }) => code === reason)?.names[locale] ?? reason;
      return source === 'customer' && reason === optOut ? t('dnc:reasons.opt-out') : reason;
    };
  }

  async function scopeWords(req: Request, campaignId: number | null): Promise<string> {
    if (campaignId === null) return req.context.t('dnc:everywhere');
    const campaign = await campaigns.get(campaignId);
    const name = campaign && campaignWords(req, { ...campaign, isArchived: campaign.archivedAt !== null });
    return req.context.t('dnc:onlyCampaign', { name: name ?? `#${campaignId}` });
  }

  async function namesOf(ids: readonly (number | null)[]): Promise<Map<number | null, string>> {
    const given = ids.filter((id) => id !== null);
    const known = await users.byIds(given);
    return new Map(given.map((id) => [id, known.get(id)?.name ?? `#${id}`]));
  }

  router.get('/dnc', async (req, res) => {
    const { t } = req.context;
    const everyCampaign = await campaigns.named();
    await list.respond(
      req,
      res,
      'dnc/list',
      async ({ filters: given, sort, ...part }) => {
        const { number } = given;
        const { rows, ...slice } = await store.list(
          {
            number,
            e164: number ? toE164(number, await app.settings.get(defaultCountry)) : null,
            source: given.source,
            campaignId: given.campaign === everywhereChoice ? null : given.campaign,
          },
          { ...part, sort: sort === 'e164' ? 'e164' : 'addedAt' },
        );
        return { ...slice, rows: await describe(req, rows) };
      },
      {
        title: t('dnc:title'),
        choices: {
          campaigns: [
            { value: everywhereChoice, label: t('dnc:everywhere') },
            ...everyCampaign.map((one) => ({ value: one.id, label: campaignWords(req, one) })),
          ],
          sources: dncSources.map((value) => ({ value, label: t(`dnc:sources.${value}`) })),
        },
      },
    );
  });

  async function showForm(req: Request, res: Response, form: FormState): Promise<void> {
    page(req, res, 'dnc/add', {
      title: req.context.t('dnc:add'),
      nav: '/dnc',
      form,
      choices: { campaigns: await openCampaigns(), countries: countryChoices(req.context.locale) },
    });
  }

  router.get('/dnc/new', async (req, res) => {
    await showForm(req, res, formState({ country: await app.settings.get(defaultCountry) }));
  });

  const adding = validate({ body: addBody }, { failed: showForm });
  router.post('/dnc', adding, async (req, res) => {
    const { number, country, campaign, reason, expires } = adding.of(req).body;
    const reading = readForDnc(number, country);
    const e164 = reading.ok ? reading.e164 : null;
    const at = app.clock.now();
    const { zone } = req.context;
    const expiresAt = expires ? fromLocal(expires, zone).plus({ days: 1 }).toMillis() : null;
    const errors: Record<string, string> = {};
    if (!reading.ok)
      errors.number = req.context.t(
        reading.problem === 'not-assigned'
          ? 'dnc:errors.notAssigned'
          : `crm:phoneProblems.${reading.problem}`,
      );
    if (expiresAt !== null && expiresAt <= at) errors.expires = req.context.t('dnc:errors.past');
    if (campaign && !(await campaigns.get(campaign))) errors.campaign = req.context.t('dnc:errors.campaign');
    if (e164 === null || Object.keys(errors).length > 0) {
      res.status(422);
      return showForm(req, res, formState(req.body as object, errors));
    }
    const by = userOf(req).id;
    const campaignId = campaign || null;
    const isNew = await store.add({ e164, campaignId, reason, source: 'page', by, at, expiresAt });
    if (isNew) {
      const entry = (await store.entriesOf([e164])).get(e164)?.find((one) => one.campaignId === campaignId);
      await audit(req, 'dnc.added', entry?.id ?? 0, { after: { campaignId, reason, expiresAt } });
    }
    flash(req, isNew ? 'success' : 'info', isNew ? 'dnc:added' : 'dnc:known', { number: formatPhone(e164) });
    redirect(req, res, '/dnc');
  });

  const removing = validate({ params: idParams, body: removeBody });
  router.post('/dnc/:id/remove', guard('manager'), removing, async (req, res) => {
    const { params, body } = removing.of(req);
    const entry = found(await store.get(params.id));
    const { e164, campaignId } = entry;
    const removal = { e164, campaignId, source: 'page' as const, by: userOf(req).id, at: app.clock.now() };
    if (await store.remove({ ...removal, reason: body.reason })) {
      await audit(req, 'dnc.removed', entry.id, {
        before: { campaignId, reason: entry.reason },
        after: { reason: body.reason },
      });
      flash(req, 'success', 'dnc:removed', { number: formatPhone(e164) });
      if ((await refusedBy(e164, app.clock.now())).length > 0) {
        flash(req, 'warning', 'dnc:removedButRefused');
        return redirect(req, res, `/dnc/history?number=${encodeURIComponent(e164)}`);
      }
    }
    redirect(req, res, '/dnc');
  });

  /** With whose wish it was: what a customer pressed is theirs, what an agent chose may have been the wrong key. */
  async function refusing(req: Request, number: string) {
    const people = await refusedBy(number, app.clock.now());
    const names = await namesOf(people.flatMap(({ calls }) => calls.map(({ revokedBy }) => revokedBy)));
    const words = await reasonWords(req);
    return people.map(({ calls, ...person }) => ({
      ...person,
      calls: calls.map(({ proof, revokeReason, revokedBy, givenAt }) => {
        const own = revokedBy === null && revokeReason === optOut;
        const source = own ? ('customer' as const) : ('agent' as const);
        return {
          ...{ callId: proof, at: givenAt, own, by: names.get(revokedBy) ?? req.context.t('dnc:system') },
          reason: words({ source, reason: revokeReason ?? '' }),
          mayAnnul: can(req, 'manager'),
        };
      }),
    }));
  }

  const annulling = validate({ body: annulBody });
  router.post('/dnc/refusals/annul', guard('manager'), annulling, async (req, res) => {
    const { number, customer, call, reason } = annulling.of(req).body;
    const person = found((await refusedBy(number, app.clock.now())).find(({ id }) => id === customer));
    const line = found(person.calls.find(({ proof }) => proof === call));
    const given = { customerId: customer, callId: call, reason, by: userOf(req).id, at: app.clock.now() };
    const { refusals, restored } = await annulRefusal(given);
    if (refusals > 0) {
      await auditConsents(req, 'consent.annulled', line.id, {
        before: { callId: call, reason: line.revokeReason },
        after: { customerId: customer, reason, refusals, restored },
      });
      flash(req, 'success', 'dnc:refusedBy.annulled', { name: person.name });
    }
    redirect(req, res, `/dnc/history?number=${encodeURIComponent(number)}`);
  });

  const asked = validate({ query: historyQuery });
  router.get('/dnc/history', asked, async (req, res) => {
    const { t } = req.context;
    const { number } = asked.of(req).query;
    const history = await store.history(number);
    const names = await namesOf(history.map(({ userId }) => userId));
    const entries = (await store.entriesOf([number])).get(number) ?? [];
    const words = await reasonWords(req);
    const lines = await Promise.all(
      history.map(async (line) => ({
        ...line,
        reason: words(line),
        what: t(`dnc:actions.${line.action}`),
        added: line.action === 'added',
        who: names.get(line.userId) ?? t('dnc:system'),
        sourceWord: t(`dnc:sources.${line.source}`),
        scope: await scopeWords(req, line.campaignId),
      })),
    );
    page(req, res, 'dnc/history', {
      title: t('dnc:historyOf', { number: formatPhone(number) }),
      nav: '/dnc',
      number,
      entries: await describe(req, entries),
      refusing: await refusing(req, number),
      lines,
    });
  });

  return router;
}
