import { join } from 'node:path';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../../core/app.ts';
import {
  can,
  conflict,
  flash,
  formState,
  found,
  guard,
  page,
  redirect,
  userOf,
  validate,
  type FormState,
} from '../../../core/http/index.ts';
import { campaignWords, createCampaignStore, type NamedCampaign } from '../../../campaigns/index.ts';
import { createRecordingFolder, recordingFolder } from '../recording-folder.ts';
import { createRetentionStore } from './retention-store.ts';
import { longestDays, retentionEditors, retentionReaders, type RetentionRule } from './retention.ts';

const params = z.object({ campaign: z.coerce.number().int().min(0) });
const body = z
  .object({
    keep: z.enum(['days', 'forever', 'default']),
    days: z.union([z.literal(''), z.coerce.number().int().min(1).max(longestDays)]).default(''),
    revision: z.coerce.number().int().min(-1),
    /** How many recordings its writer was told that it deletes at once. */
    confirmed: z.coerce.number().int().min(0).optional().catch(undefined),
  })
  .refine(({ keep, days }) => keep !== 'days' || days !== '', {
    path: ['days'],
    message: 'common:errors.required',
  });

/** For how long sound is kept, by campaign, and what goes next. */
export function retentionRoutes(app: App): Router {
  const router = Router();
  const store = createRetentionStore(app);
  const campaigns = createCampaignStore(app);
  const folder = createRecordingFolder(app);

  router.get('/recordings/retention', guard(...retentionReaders), async (req, res) => {
    const [rules, everyCampaign, failures, isThere] = await Promise.all([
      store.rules(),
      campaigns.named(),
      store.failures(),
      folder.isThere(),
    ]);
    const now = app.clock.now();
    const shared = defaultOf(rules);
    const named = await Promise.all(
      rules.map(async (rule) => ({
        ...rule,
        name: nameOf(req, rule.campaignId, everyCampaign),
        counts: await store.counts(rule, rules, now),
      })),
    );
    const own = new Set(rules.map(({ campaignId }) => campaignId));
    page(req, res, 'dialer/retention', {
      title: req.context.t('recordings:retention.title'),
      nav: '/recordings',
      styles: ['recordings'],
      rules: named,
      forever: rules.every(({ days }) => days === null),
      without: everyCampaign.flatMap((campaign) =>
        own.has(campaign.id) ? [] : { id: campaign.id, name: campaignWords(req, campaign) },
      ),
      shared,
      failures: failures.count > 0 ? failures : null,
      mayEdit: can(req, ...retentionEditors),
      folderAway: isThere ? null : join(app.config.dataDir, recordingFolder),
      mayAccept: can(req, 'administrator'),
    });
  });

  /** What was in it is lost for good: its recordings count as deleted when they are due. */
  router.post('/recordings/folder', guard('administrator'), async (req, res) => {
    await folder.accept();
    await req.context.record({ action: 'recordings.folder-accepted' });
    flash(req, 'success', 'recordings:retention.folderAccepted');
    redirect(req, res, '/recordings/retention');
  });

  const byCampaign = validate({ params });
  router.get('/recordings/retention/:campaign', guard(...retentionEditors), byCampaign, async (req, res) => {
    const { campaign } = byCampaign.of(req).params;
    const rule = (await store.rules()).find(({ campaignId }) => campaignId === campaign);
    const keep = rule ? (rule.days === null ? 'forever' : 'days') : 'default';
    await showForm(req, res, formState({ keep, days: rule?.days ?? '', revision: rule?.revision ?? -1 }));
  });

  const saving = validate({ params, body }, { failed: showForm });
  router.post('/recordings/retention/:campaign', guard(...retentionEditors), saving, async (req, res) => {
    const { params: of, body: given } = saving.of(req);
    const campaignId = of.campaign;
    if (campaignId !== 0) found(await campaigns.get(campaignId));
    const rules = await store.rules();
    const days = given.keep === 'days' ? Number(given.days) : null;
    const goes = await deletedAtOnce(rules, campaignId, given.keep === 'default' ? undefined : days);
    // Whoever shortens a rule has seen how much goes; where it has become more since, they see it again.
    if (goes.due > (given.confirmed ?? 0)) {
      const { t } = req.context;
      return page(req, res, 'dialer/retention-confirm', {
        title: t('recordings:retention.confirmTitle'),
        nav: '/recordings',
        name: nameOf(req, campaignId, await campaigns.named()),
        campaignId,
        given,
        goes,
      });
    }
    const by = { userId: userOf(req).id, ip: req.ip, at: app.clock.now() };
    const value = given.keep === 'default' && campaignId !== 0 ? undefined : days;
    if (!(await store.save(campaignId, value, given.revision, by))) throw conflict('retention-changed');
    flash(req, 'success', 'recordings:retention.saved');
    redirect(req, res, '/recordings/retention');
  });

  /** What a rule would delete that is not due by the rules in force. `days` undefined: the campaign's own rule ends. */
  async function deletedAtOnce(rules: readonly RetentionRule[], campaignId: number, days?: number | null) {
    const now = app.clock.now();
    const dueNow = rules.find((rule) => rule.campaignId === campaignId) ?? {
      campaignId,
      days: defaultOf(rules).days,
    };
    const wanted = days === undefined ? defaultOf(rules).days : days;
    const [before, after] = await Promise.all([
      store.counts(dueNow, rules, now),
      store.counts({ campaignId, days: wanted }, rules, now),
    ]);
    return { ...after, due: Math.max(0, after.due - before.due) };
  }

  async function showForm(req: Request, res: Response, form: FormState): Promise<void> {
    const campaignId = Number(req.params.campaign);
    const everyCampaign = await campaigns.named();
    if (campaignId !== 0) found(everyCampaign.find(({ id }) => id === campaignId));
    const { t } = req.context;
    const rules = await store.rules();
    const kinds =
      campaignId === 0 ? (['days', 'forever'] as const) : (['default', 'days', 'forever'] as const);
    page(req, res, 'dialer/retention-rule', {
      title: nameOf(req, campaignId, everyCampaign),
      nav: '/recordings',
      form,
      campaignId,
      kinds: kinds.map((value) => ({
        value,
        label: t(`recordings:retention.keep.${value}`, { days: daysText(req, defaultOf(rules).days) }),
      })),
    });
  }

  return router;
}

const defaultOf = (rules: readonly RetentionRule[]) => rules.find(({ campaignId }) => campaignId === 0)!;

function daysText(req: Request, days: number | null): string {
  const { t } = req.context;
  return days === null ? t('recordings:kept.forever') : t('recordings:retention.days', { count: days });
}

function nameOf(req: Request, id: number, campaigns: readonly NamedCampaign[]): string {
  if (id === 0) return req.context.t('recordings:retention.default');
  const campaign = campaigns.find((one) => one.id === id);
  return campaign ? campaignWords(req, campaign) : `#${id}`;
}
