import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { createCampaignStore } from '../../campaigns/index.ts';
import { can, found, guard, page, sse, validate, type WebArea } from '../../core/http/index.ts';
import type { RequestContext } from '../../core/http/index.ts';
import { formatPhone } from '../../core/i18n/index.ts';
import { againText } from './again.ts';
import type { CampaignLive } from './campaign-live.ts';
import { contactRate, conversion, meanAnswerWait, penetration, rightPartyRate } from '../metrics/figures.ts';
import { LiveHub } from './live-hub.ts';
import { calmCodes, pacingLine } from './pacing-line.ts';
import { dashboardWords } from './words.ts';

/** What the browser draws: the live view with rates worked out and words in the reader's language, sent at `sentAt`. */
export function forReader(
  view: CampaignLive,
  reader: Pick<RequestContext, 't' | 'locale' | 'zone' | 'zoneGuessed'>,
  sentAt: number,
) {
  const { t, locale } = reader;
  const { today, pacing, campaign } = view;
  const notDialing =
    campaign.state !== 'running'
      ? {
          text: t('reports:dashboard.notRunning', { state: t(`reports:campaignState.${campaign.state}`) }),
          again: null,
          calm: false,
        }
      : pacing?.notDialing
        ? {
            text: t(`dialer:notDialing.${pacing.notDialing.code}`, pacing.notDialing.params),
            again: againText(pacing.notDialing.until, view.at, campaign.zone, reader),
            calm: calmCodes.has(pacing.notDialing.code),
          }
        : pacing
          ? null
          : { text: t('reports:dashboard.dialerSilent'), again: null, calm: false };
  return {
    ...view,
    sentAt,
    notDialing,
    pacingLine: campaign.state === 'running' ? pacingLine(pacing, { t, locale }) : null,
    rates: {
      contact: contactRate(today),
      rightParty: rightPartyRate(today),
      conversion: conversion(today),
      penetration: penetration(view.leads.attempted, view.leads.loaded),
      answerWaitMs: meanAnswerWait(today),
    },
    lastCalls: view.lastCalls.map(({ disposition, ...call }) => ({
      ...call,
      phone: call.e164 ? formatPhone(call.e164) : null,
      disposition: disposition ? (disposition[locale] ?? disposition.en ?? null) : null,
    })),
  };
}

export function dashboardArea(app: App): WebArea & { close(): void } {
  const hub = new LiveHub(app);
  const campaigns = createCampaignStore(app);
  const router = Router();
  const watchers = guard('supervisor', 'manager', 'marketing');
  const input = validate({ params: z.object({ id: z.coerce.number().int().positive() }) });

  for (const [path, layout] of [
    ['/campaigns/:id/dashboard', 'main'],
    ['/campaigns/:id/wall', 'wall'],
  ] as const)
    router.get(path, watchers, input, async (req, res) => {
      const view = found(await hub.view(input.of(req).params.id));
      page(
        req,
        res,
        'reports/dashboard',
        {
          title: view.campaign.name,
          script: 'dashboard',
          nav: '/campaigns',
          wall: layout === 'wall',
          styles: ['dashboard'],
          campaign: view.campaign,
          mayControl: can(req, 'supervisor', 'manager', 'marketing'),
          pageData: forReader(view, req.context, app.clock.now()),
          words: dashboardWords(req.context.t),
        },
        { layout },
      );
    });

  router.get('/campaigns/:id/dashboard/events', watchers, input, async (req, res) => {
    const { id } = input.of(req).params;
    found(await campaigns.get(id));
    const event = (view: CampaignLive) => ({
      event: 'live',
      data: forReader(view, req.context, app.clock.now()),
    });
    await sse(app, req, res, {
      topics: [],
      map: () => null,
      snapshot: async () => {
        const view = await hub.view(id);
        return view ? [event(view)] : [];
      },
      source: (emit) => hub.watch(id, (view) => emit(event(view))),
    });
  });

  return { name: 'dashboard', router, close: () => hub.close() };
}
