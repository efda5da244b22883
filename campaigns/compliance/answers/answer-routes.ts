import { Router, type Request } from 'express';
import { z } from 'zod';
import { localTime } from '../../../core/time/local-time.ts';
import type { App } from '../../../core/app.ts';
import { found, guard, page, validate } from '../../../core/http/index.ts';
import { formatDate, zoneLabel } from '../../../core/i18n/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { createCampaignStore } from '../../campaigns/campaign-store.ts';
import { createDispositionStore, type Disposition } from '../../dispositions/index.ts';
import { reasonWords } from '../../leads/reason-words.ts';
import { createRuleBook } from '../rulebook/rule-book.ts';
import { createFunnel, type FunnelStep } from './funnel.ts';
import { createOpenings, type Openings } from './openings.ts';

const dayHours = 24;
const weekHours = 7 * 24;
const shownCalls = 200;
const everybody = ['supervisor', 'marketing', 'manager'] as const;
/** Losses that are no reason of a lead's. */
const ownLosses = new Set(['done', 'exhausted', 'reserved', 'dialing', 'waiting', 'other']);

/** "Why is this campaign not dialling?", when its leads may be called, and a dry run of tomorrow. */
export function answerRoutes(app: App): Router {
  const router = Router();
  const campaigns = createCampaignStore(app);
  const customers = createCustomerStore(app);
  const dispositions = createDispositionStore(app);
  const openings = createOpenings(app, createRuleBook(app));
  const funnel = createFunnel(app);
  const byId = validate({ params: z.object({ id: z.coerce.number().int().positive() }) });

  router.get('/compliance/campaigns/:id', guard(...everybody), byId, async (req, res) => {
    const { t } = req.context;
    const campaign = found(await campaigns.get(byId.of(req).params.id));
    const ahead = await openings.hours(campaign, weekHours);
    const [steps, dialer, agents] = await Promise.all([
      funnel.steps(campaign, ahead),
      campaign.state === 'running' ? funnel.dialerSide(campaign.id) : null,
      funnel.agentStates(campaign.id),
    ]);
    const most = steps[0]!.left;
    const all = await dispositions.all();
    page(req, res, 'compliance/campaign', {
      title: t('compliance:funnel.title', { name: campaign.name }),
      nav: '/campaigns',
      script: 'compliance-openings',
      styles: ['compliance'],
      campaign,
      running: campaign.state === 'running',
      stateWord: t(`campaigns:states.${campaign.state}`),
      steps: steps.map((step) => stepView(req, step, most, all)),
      dialer: dialer && {
        ...dialer,
        lines: dialer.linesInFlight,
        pacing: t(`compliance:funnel.pacing.${dialer.reason}`, { defaultValue: dialer.reason }),
        why: dialer.notDialing && t(`dialer:notDialing.${dialer.notDialing.code}`, dialer.notDialing.params),
        until: dialer.notDialing?.until ?? null,
      },
      agents: agents.map(({ state, count }) => ({
        count,
        word: t(`compliance:funnel.agentStates.${state}`),
      })),
      sampled: ahead.sampled,
      open: ahead.open,
      partial: ahead.sampled < ahead.open,
      week: weekView(req, ahead, campaign.zone),
      pageData: {
        hours: ahead.instants
          .slice(0, dayHours + 1)
          .map((at) => formatDate(at, 'time', { ...req.context, zoneGuessed: false })),
        zones: ahead.zones.map(({ zones, counts }) => ({
          label: zones
            ? zones.map((zone) => zoneLabel(zone, req.context.locale)).join(' + ')
            : t('compliance:funnel.otherZones'),
          counts: counts.slice(0, dayHours + 1).map((count) => scaled(ahead, count)),
        })),
      },
    });
  });

  router.get('/compliance/campaigns/:id/tomorrow', guard(...everybody), byId, async (req, res) => {
    const { t } = req.context;
    const campaign = found(await campaigns.get(byId.of(req).params.id));
    const run = await openings.tomorrow(campaign, shownCalls);
    const known = await customers.getMany(run.calls.map(({ lead }) => lead.customerId));
    const names = new Map(known.map(({ id, name }) => [id, name]));
    page(req, res, 'compliance/tomorrow', {
      title: t('compliance:tomorrow.title', { name: campaign.name }),
      nav: '/campaigns',
      campaign,
      day: formatDate(run.from, 'date', { ...req.context, zone: campaign.zone }),
      ...{ sampled: run.sampled, open: run.open, partial: run.sampled < run.open },
      calls: run.calls.map(({ lead, e164, at, zones }) => ({
        ...{ leadId: lead.id, customerId: lead.customerId, name: names.get(lead.customerId) ?? '', e164 },
        at: formatDate(at, 'time', req.context, campaign.zone),
        local: zones.map((zone) => formatDate(at, 'time', req.context, zone)).join(' / '),
      })),
      blocked: run.blocked.map(({ reason, count }) => ({ count, word: t(`compliance:reason.${reason}`) })),
    });
  });

  return router;
}

function scaled({ sampled, open }: Openings, count: number): number {
  return sampled === 0 ? 0 : Math.round((count * open) / sampled);
}

function stepView(req: Request, { key, left, lost }: FunnelStep, most: number, all: readonly Disposition[]) {
  const { t } = req.context;
  return {
    ...{ key, left, label: t(`compliance:funnel.steps.${key}`), width: most === 0 ? 0 : (left / most) * 100 },
    lost: lost.map(({ reason, count }) => ({ count, word: lossWord(req, reason, all) })),
  };
}

function lossWord({ context }: Request, reason: string, all: readonly Disposition[]): string {
  if (ownLosses.has(reason)) return context.t(`compliance:funnel.lost.${reason}`);
  return reasonWords(reason, context.t, context.locale, all);
}

/** Days of a week with the leads that may be called in each hour, in the campaign's zone. */
function weekView(req: Request, ahead: Openings, zone: string) {
  const totals = ahead.instants.map((_, place) =>
    scaled(ahead, ahead.zones.reduce((sum, { counts }) => sum + counts[place]!, 0)),
  ); // prettier-ignore
  const most = Math.max(1, ...totals);
  const days = new Map<string, { label: string; hours: Map<number, number> }>();
  for (const [place, instant] of ahead.instants.entries()) {
    const local = localTime(instant, zone);
    const key = local.toISODate() ?? '';
    const day = days.get(key) ?? {
      label: local
        .setLocale(req.context.locale)
        .toLocaleString({ weekday: 'short', day: 'numeric', month: 'short' }),
      hours: new Map<number, number>(),
    };
    days.set(key, day);
    day.hours.set(local.hour, Math.max(day.hours.get(local.hour) ?? 0, totals[place]!));
  }
  return {
    zone,
    hours: Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0')),
    days: [...days.values()].map(({ label, hours }) => ({
      label,
      cells: Array.from({ length: 24 }, (_, hour) => {
        const count = hours.get(hour);
        return {
          count: count ?? null,
          known: count !== undefined,
          level: count ? Math.ceil((count / most) * 5) : 0,
        };
      }),
    })),
  };
}
