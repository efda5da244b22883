import type { App } from '../../core/app.ts';
import type { ForecastResult } from '../../dialer/pacing/index.ts';
import { createForecastStore } from './forecast-store.ts';
import type { ForecastAnswer } from './forecast.ts';
import { createPreparation, dayStart } from './prepare.ts';
import { ForecastStopped, runForecast } from './run-forecast.ts';
import { startOf } from './scenario-of.ts';
import { taskOf } from './task-of.ts';

export const forecastJob = 'reports.forecast';
export interface ForecastJobData {
  id: number;
}

/** Reading the list and asking the gate is a tenth of the work. */
const prepared = 10;

/** Says how a forecast is worked out: facts from the database, days played in a thread, the answer kept. */
export function defineForecastJobs(app: App): void {
  const store = createForecastStore(app);
  const preparation = createPreparation(app);

  app.jobs.define<ForecastJobData>(forecastJob, async (job) => {
    const forecast = await store.get(job.data.id);
    if (!forecast || !(await store.move(forecast.id, ['waiting', 'running'], 'running'))) return;
    const ends = (state: 'failed' | 'stopped', error?: string) =>
      store.move(forecast.id, ['waiting', 'running'], state, { error, now: app.clock.now() });
    try {
      const campaign = await preparation.campaigns.get(forecast.campaignId);
      if (!campaign) return void (await ends('failed', 'no-campaign'));
      const { typed, present, running } = forecast.question;
      const now = app.clock.now();
      const starting = await preparation.starting(campaign);
      const start = running ? now : startOf(dayStart(campaign, now), campaign.zone, typed.from);
      const sample = await preparation.samples.ofCampaign(campaign.id);
      const seconds = 86_400;
      const makeUp =
        sample.rows.length > 0 ? await preparation.makeUp(sample, { start, seconds }, campaign) : null;
      await job.progress(prepared);
      const task = taskOf(
        { present, typed },
        // A floor as it is now is no part of a day that begins later.
        { ...starting, present: running ? starting.present : null },
        campaign,
        makeUp?.list ?? null,
        start,
      );
      const { list: _, ...shown } = makeUp ?? { list: null };
      const answerOf = (result: ForecastResult): ForecastAnswer => ({
        start,
        seconds: task.present.seconds,
        spanSeconds: task.spanSeconds,
        makeUp: makeUp ? (shown as Omit<typeof makeUp, 'list'>) : null,
        result,
      });
      let told = 0;
      // One after the other, so that a late one cannot take the place of a newer one, nor of the end.
      let kept = Promise.resolve<unknown>(undefined);
      const result = await runForecast(task, {
        signal: job.signal,
        progress: (share, soFar) => {
          if (soFar)
            kept = kept
              .then(() => store.move(forecast.id, ['running'], 'running', { answer: answerOf(soFar) }))
              .catch((error: unknown) =>
                app.log.warn({ forecast: forecast.id, err: error }, 'the days played so far are not shown'),
              );
          const at = app.clock.now();
          if (at - told < 300) return;
          told = at;
          job.progress(prepared + share * (100 - prepared)).catch(() => {});
        },
      });
      await kept;
      await store.move(forecast.id, ['running'], 'done', {
        now: app.clock.now(),
        answer: answerOf(result),
      });
    } catch (error) {
      if (error instanceof ForecastStopped && job.signal.aborted) return void (await ends('stopped'));
      await ends('failed', error instanceof Error ? error.message : String(error));
      throw error;
    }
  });
}
