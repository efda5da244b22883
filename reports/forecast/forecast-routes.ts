import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  can,
  conflict,
  flash,
  formState,
  found,
  fragment,
  guard,
  page,
  redirect,
  userOf,
  validate,
  type FormState,
  type WebArea,
} from '../../core/http/index.ts';
import { createCampaignChecks, type Campaign, type CampaignDraft } from '../../campaigns/index.ts';
import { joinSentences } from '../../core/i18n/index.ts';
import { forecastForm, forecastFormOf, forecastModes, type ForecastFigures } from './figures.ts';
import { forecastJob, type ForecastJobData } from './forecast-job.ts';
import { createForecastStore } from './forecast-store.ts';
import { answerView, applicable, applyView } from './forecast-view.ts';
import type { Forecast } from './forecast.ts';
import { createPreparation, type Starting } from './prepare.ts';

const byCampaign = z.object({ id: z.coerce.number().int().positive() });
const byForecast = byCampaign.extend({ forecast: z.coerce.number().int().positive() });
const chartWords = ['utilization', 'abandonShare', 'leads', 'callsPerHour', 'before', 'cap', 'agents'];

/** What would happen if: a forecast for each campaign, before it starts and while it runs. */
export function forecastArea(app: App): WebArea {
  const router = Router();
  const store = createForecastStore(app);
  const preparation = createPreparation(app);
  const { campaigns } = preparation;
  const check = createCampaignChecks(app);
  const readers = guard('supervisor', 'manager', 'marketing');
  const editors = guard('manager', 'marketing');

  async function show(req: Request, res: Response, campaign: Campaign, given?: FormState) {
    const { t } = req.context;
    const starting = await preparation.starting(campaign);
    const forecast = await store.newest(campaign.id);
    const typed = forecast?.question.typed;
    // What was typed last stays, unless the campaign has begun or ended running since.
    const keep = typed && forecast.question.running === starting.running;
    const values = keep
      ? { ...forecastFormOf(typed), ...whenOf(starting) }
      : forecastFormOf(starting.figures);
    const wide = req.query.reset === 'yes' ? forecastFormOf(starting.figures) : values;
    page(req, res, 'reports/forecast', {
      title: t('reports:forecast.title', { name: campaign.name }),
      nav: '/campaigns',
      script: 'forecast',
      styles: ['crm', 'campaigns', 'forecast'],
      campaign,
      lead: t(starting.running ? 'reports:forecast.leadRunning' : 'reports:forecast.lead'),
      running: starting.running,
      preview: campaign.mode === 'preview',
      form: given ?? formState(wide),
      learned: t(`reports:forecast.learned.${starting.learned.from}`, {
        calls: starting.learned.calls.toLocaleString(req.context.locale),
      }),
      modes: forecastModes.map((value) => ({ value, label: t(`campaigns:modes.${value}.name`) })),
      hours: Array.from({ length: 24 }, (_, hour) => ({
        name: `agents_${hour}`,
        label: `${String(hour).padStart(2, '0')}:00`,
      })),
      standing: forecast && (await standing(req, forecast, campaign)),
      words: Object.fromEntries(chartWords.map((word) => [word, t(`reports:forecast.chart.${word}`)])),
    });
  }

  /** A running campaign's forecast begins now, whenever the form was opened. */
  const whenOf = ({ running, figures }: Starting) => (running ? { from: figures.from } : {});

  async function standing(req: Request, forecast: Forecast, campaign: Campaign) {
    const job = forecast.jobId ? await app.jobs.get(forecast.jobId) : null;
    let { state } = forecast;
    // Its process died, or it was stopped before it began.
    if ((state === 'waiting' || state === 'running') && forecast.jobId) {
      if (!job || job.state === 'cancelled') state = 'stopped';
      else if (job.state === 'failed') state = 'failed';
    }
    const busy = state === 'waiting' || state === 'running';
    return {
      id: forecast.id,
      campaign,
      busy,
      is: { [state]: true },
      progress: job?.progress ?? 0,
      createdAt: forecast.createdAt,
      // While days are played, and after a stop, what those played so far say.
      answer: state === 'failed' ? null : answerView(forecast, campaign, req.context),
      mayApply: state === 'done' && can(req, 'manager', 'marketing'),
    };
  }

  const campaignOf = async (id: number): Promise<Campaign> => found(await campaigns.get(id));
  const one = validate({ params: byCampaign });
  router.get('/campaigns/:id/forecast', readers, one, async (req, res) =>
    show(req, res, await campaignOf(one.of(req).params.id)),
  );

  const ask = validate(
    { params: byCampaign, body: forecastForm },
    { failed: async (req, res, form) => show(req, res, await campaignOf(Number(req.params.id)), form) },
  );
  router.post('/campaigns/:id/forecast', readers, ask, async (req, res) => {
    const { params, body } = ask.of(req);
    const campaign = await campaignOf(params.id);
    const starting = await preparation.starting(campaign);
    const typed: ForecastFigures = { ...body, ...whenOf(starting) };
    // Hours of the day are what is asked about, not a change of the campaign.
    const present = { ...starting.figures, from: typed.from, until: typed.until };
    await stopUnderWay(campaign.id);
    const id = await store.create(
      {
        campaignId: campaign.id,
        createdBy: userOf(req).id,
        question: {
          present,
          typed,
          running: starting.running,
          learned: { from: starting.learned.from, calls: starting.learned.calls },
        },
      },
      app.clock.now(),
    );
    const jobId = await app.jobs.add<ForecastJobData>(forecastJob, { id }, { attempts: 1 });
    await store.setJob(id, jobId);
    redirect(req, res, `/campaigns/${campaign.id}/forecast#forecast-standing`);
  });

  /** One at a time for each campaign: the last question is the one that counts. */
  async function stopUnderWay(campaignId: number): Promise<void> {
    const last = await store.newest(campaignId);
    if (!last || (last.state !== 'waiting' && last.state !== 'running')) return;
    if (last.jobId) await app.jobs.cancel(last.jobId);
    await store.move(last.id, ['waiting', 'running'], 'stopped', { now: app.clock.now() });
  }

  const forecastOf = validate({ params: byForecast });
  async function wanted(req: Request): Promise<{ forecast: Forecast; campaign: Campaign }> {
    const { id, forecast: forecastId } = forecastOf.of(req).params;
    const campaign = await campaignOf(id);
    const forecast = found(await store.get(forecastId));
    found(forecast.campaignId === id ? forecast : null);
    return { forecast, campaign };
  }

  router.get('/campaigns/:id/forecast/:forecast', readers, forecastOf, async (req, res) => {
    const { forecast, campaign } = await wanted(req);
    fragment(req, res, 'reports/forecast-standing', { standing: await standing(req, forecast, campaign) });
  });

  router.post('/campaigns/:id/forecast/:forecast/stop', readers, forecastOf, async (req, res) => {
    const { forecast, campaign } = await wanted(req);
    if (forecast.jobId) await app.jobs.cancel(forecast.jobId);
    await store.move(forecast.id, ['waiting', 'running'], 'stopped', { now: app.clock.now() });
    redirect(req, res, `/campaigns/${campaign.id}/forecast`);
  });

  router.post('/campaigns/:id/forecast/:forecast/apply', editors, forecastOf, async (req, res) => {
    const { forecast, campaign } = await wanted(req);
    const names = applyView(forecast, campaign, req.context).map(({ name }) => name);
    if (names.length === 0) throw conflict('nothing-to-apply');
    const pick = (from: Pick<Campaign, (typeof applicable)[number]>) =>
      Object.fromEntries(names.map((name) => [name, from[name]]));
    const after = pick(forecast.question.typed);
    const before: CampaignDraft = {
      ...campaign,
      trunkIds: await campaigns.trunksOf(campaign.id),
      agentIds: await campaigns.agentsOf(campaign.id),
      dispositionIds: await campaigns.dispositionsOf(campaign.id),
    };
    const draft = { ...before, ...after };
    const { errors } = await check(req, { draft, ruleSetReason: '' }, before);
    const what = joinSentences(Object.values(errors), req.context.locale);
    if (what !== '') throw conflict('forecast-refused', { what });
    const saved = await campaigns.update(campaign.id, campaign.revision, draft, app.clock.now());
    if (!saved.saved) throw conflict('forecast-changed-meanwhile');
    await app.audit.record({
      userId: userOf(req).id,
      action: 'campaign.changed',
      entity: 'campaigns',
      entityId: campaign.id,
      ip: req.ip,
      before: pick(campaign),
      after,
    });
    flash(req, 'success', 'reports:forecast.applied', { name: campaign.name });
    redirect(req, res, `/campaigns/${campaign.id}/forecast`);
  });

  return { name: 'forecast', router };
}
