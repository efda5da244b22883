import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../../core/app.ts';
import {
  can,
  createAuditor,
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
import { formatPhone } from '../../../core/i18n/index.ts';
import { countryChoices, defaultCountry, isCountry, readPhone } from '../../../crm/index.ts';
import { createCampaignStore } from '../../campaigns/campaign-store.ts';
import { campaignWords } from '../../campaigns/campaign-words.ts';
import { createGate } from '../create-gate.ts';
import type { GateRequest, Verdict } from '../gate.ts';
import type { BlockReason } from '../reason.ts';
import { createNames } from '../user-names.ts';
import { beyondOverride, overrideReason, type Override } from './override.ts';
import { createOverrideStore } from './override-store.ts';

const url = '/compliance/overrides';
const body = z.object({
  number: z.string().trim().min(1).max(40),
  country: z.string().refine((code) => isCountry(code), 'dnc:errors.country'),
  campaign: z.union([z.literal(''), z.coerce.number().int().positive()]).default(''),
  reason: overrideReason,
});
const idParams = z.object({ id: z.coerce.number().int().positive() });

/** Leave for one call by hand beyond hours and counts: a manager's, with a reason, for a day. */
export function overrideRoutes(app: App): Router {
  const router = Router();
  const store = createOverrideStore(app);
  const campaigns = createCampaignStore(app);
  const names = createNames(app);
  const audit = createAuditor(app, 'gate_overrides');
  const dryGate = createGate(app, { dry: true });

  async function show(req: Request, res: Response, form: FormState): Promise<void> {
    const { t, locale } = req.context;
    const all = await store.list();
    const who = await names(all.map(({ grantedBy }) => grantedBy));
    const now = app.clock.now();
    const known = await campaigns.named();
    const campaignNames = new Map(known.map((campaign) => [campaign.id, campaignWords(req, campaign)]));
    page(req, res, 'compliance/overrides', {
      title: t('compliance:overrides.title'),
      nav: '/compliance',
      form,
      mayGrant: can(req, 'manager'),
      choices: {
        countries: countryChoices(locale),
        // One that was put away calls nobody.
        campaigns: known.flatMap(({ id, name, isArchived }) =>
          isArchived ? [] : { value: id, label: name },
        ),
      },
      overrides: all.map((override) => ({
        ...override,
        ...stateView(req, override, now),
        campaignName: (override.campaignId !== null && campaignNames.get(override.campaignId)) || '–',
        by: who(override.grantedBy, req),
        reasonWord: t(`compliance:reason.${override.usedReasonCode ?? override.reasonCode}`),
        mayWithdraw: can(req, 'manager') && isOpen(override, now),
      })),
    });
  }

  router.get(url, async (req, res) => {
    const number = typeof req.query.number === 'string' ? req.query.number.slice(0, 40) : '';
    await show(req, res, formState({ number, country: await app.settings.get(defaultCountry) }));
  });

  const granting = validate({ body }, { failed: show });
  router.post(url, guard('manager'), granting, async (req, res) => {
    const { number, country, campaign, reason } = granting.of(req).body;
    const { t } = req.context;
    const refuse = (text: string) => {
      res.status(422);
      return show(req, res, formState(req.body as object, { number: text }));
    };
    const reading = readPhone(number, country);
    if (!reading.ok) return refuse(t('dnc:errors.number'));
    const { e164 } = reading;
    const campaignId = campaign || null;
    const blocked = (await dryGate.mayCallMany(await waysByHand(e164, campaignId))).filter(
      ({ allowed }) => !allowed,
    );
    if (blocked.length === 0)
      return refuse(t(`compliance:overrides.${campaignId === null ? 'notNeededOutside' : 'notNeeded'}`));
    // What holds one way up may be beyond leave, and what holds up the other may not: it is given for that one.
    const verdict = blocked.find((one) => beyondOverride(groundsOf(one)) === null) ?? blocked[0]!;
    const never = beyondOverride(groundsOf(verdict));
    if (never !== null)
      return refuse(t('compliance:overrides.never', { reason: t(`compliance:reason.${never}`) }));
    const given = { e164, campaignId, reason, reasonCode: verdict.reasonCode };
    const id = await store.grant(given, userOf(req).id, app.clock.now());
    await audit(req, 'override.granted', id, {
      after: { e164, campaignId, note: reason, rules: verdict.reasonCode },
    });
    flash(req, 'success', 'compliance:overrides.granted', { number: formatPhone(e164) });
    redirect(req, res, url);
  });

  /** An agent may dial the number, or be given a lead that has it to look at: attempts on the lead bind only that. */
  async function waysByHand(e164: string, campaignId: number | null): Promise<GateRequest[]> {
    const call = { e164, campaignId, stage: 'dial' } as const;
    const leads = campaignId === null ? [] : await store.leadsWithNumber(campaignId, e164);
    return [
      { ...call, path: 'manual' },
      ...leads.map(({ id, customerId }) => ({ ...call, path: 'preview' as const, leadId: id, customerId })),
    ];
  }

  const byId = validate({ params: idParams });
  router.post(`${url}/:id/withdraw`, guard('manager'), byId, async (req, res) => {
    const override = found(await store.get(byId.of(req).params.id));
    if (await store.withdraw(override.id, userOf(req).id, app.clock.now())) {
      await audit(req, 'override.withdrawn', override.id, {
        before: { e164: override.e164, note: override.reason },
      });
      flash(req, 'success', 'compliance:overrides.withdrawn');
    }
    redirect(req, res, url);
  });

  return router;
}

function groundsOf({ reasonCode, facts }: Verdict): readonly BlockReason[] {
  return (facts as { grounds?: BlockReason[] }).grounds ?? [reasonCode as BlockReason];
}

function isOpen({ usedAt, withdrawnAt, expiresAt }: Override, now: number): boolean {
  return usedAt === null && withdrawnAt === null && expiresAt > now;
}

function stateView(req: Request, override: Override, now: number): { badge: string; stateWord: string } {
  const state =
    override.usedAt !== null
      ? 'used'
      : override.withdrawnAt !== null
        ? 'withdrawn'
        : isOpen(override, now)
          ? 'open'
          : 'expired';
  const badge = state === 'open' ? 'ready' : state === 'used' ? 'call' : 'off';
  return { badge, stateWord: req.context.t(`compliance:overrides.states.${state}`) };
}
