import { localTime } from '../../core/time/local-time.ts';
import type { App } from '../../core/app.ts';
import { createLawfulCaps } from '../../campaigns/compliance/index.ts';
import { createCampaignStore, weekdays, type Campaign } from '../../campaigns/index.ts';
import type { Present } from '../../dialer/pacing/index.ts';
import { createTrunkStore } from '../../dialer/trunks/trunk-store.ts';
import { asTyped, forecastModes, secondsBetween, type ForecastFigures } from './figures.ts';
import { createLearnedStore } from './learned-store.ts';
import type { Learned } from './learned.ts';
import { segmentsOf, zonesOf, type MakeUp } from './make-up.ts';
import { openingsOf, slotSeconds } from './openings.ts';
import { createPresentStore } from './present-store.ts';
import { createSampleStore, type Sample } from './sample-store.ts';

/** What is known of a campaign before anything is typed. */
export interface Starting {
  learned: Learned;
  /** The figures of the campaign as it is. */
  figures: ForecastFigures;
  /** It runs: the play begins with the floor as it is now. */
  running: boolean;
  /** Null unless it runs. */
  present: Present | null;
  account: { answers: number; abandoned: number };
}

/** A running campaign is looked at for the next hours only. */
const runningHours = 4;
const longestShiftHours = 12;

/** Gathers from the database what a forecast needs. */
export function createPreparation(app: App) {
  const learnedOf = createLearnedStore(app);
  const presents = createPresentStore(app);
  const samples = createSampleStore(app);
  const campaigns = createCampaignStore(app);
  const trunkStore = createTrunkStore(app);
  const lawfulCaps = createLawfulCaps(app);

  async function starting(campaign: Campaign): Promise<Starting> {
    const now = app.clock.now();
    const running = campaign.state === 'running';
    const learned = await learnedOf(campaign);
    const present = running ? await presents.present(campaign.id, now) : null;
    const { answer, shares, lengths } = learned;
    const trunkIds = await campaigns.trunksOf(campaign.id);
    const trunks = (await trunkStore.all()).filter(({ id, enabled }) => enabled && trunkIds.includes(id));
    const atWork = present ? present.idle + present.talking.length + present.wrapup.length : 0;
    const assigned = (await campaigns.agentsOf(campaign.id)).length;
    const figures: ForecastFigures = {
      mode: forecastModes.find((mode) => mode === campaign.mode) ?? 'progressive',
      powerRatio: campaign.powerRatio,
      abandonCap: (await lawfulCaps.binding(campaign)).abandonCap,
      maxLinesPerAgent: campaign.maxLinesPerAgent,
      agents: Math.min(500, Math.max(1, running ? atWork : assigned)),
      agentsByHour: {},
      ...(running ? hoursFromNow(campaign.zone, now) : hoursOf(campaign, now)),
      answer: answer.base,
      machine: shares.machine,
      failed: shares.busy + shares.congestion + shares.unallocated,
      talkSeconds: lengths.talk.mean,
      wrapupSeconds: lengths.wrapup.mean,
      ringSeconds: lengths.answer.mean,
      lines: trunks.length > 0 ? trunks.reduce((sum, { channels }) => sum + channels, 0) : null,
      callsPerSecond:
        trunks.length > 0 ? trunks.reduce((sum, { callsPerSecond }) => sum + callsPerSecond, 0) : null,
      goalDays: null,
    };
    const account = await presents.account(campaign.id, campaign.abandonWindowMs, now);
    return { learned, figures: asTyped(figures), running, present, account };
  }

  /** Which leads may be called when, for a day that starts at `start`. */
  async function makeUp(
    sample: Sample,
    day: { start: number; seconds: number },
    campaign: Pick<Campaign, 'id' | 'mode'> | null,
  ): Promise<MakeUp> {
    const opened = await openingsOf(app, sample, {
      campaignId: campaign?.id ?? null,
      path: campaign?.mode ?? 'predictive',
      ...day,
    });
    const weight = sample.leads / Math.max(1, sample.rows.length);
    return {
      leads: Math.round(opened.leads.length * weight),
      blocked: Math.round(opened.blocked * weight),
      sampled: sample.rows.length,
      zones: zonesOf(opened.leads, weight, slotSeconds),
      list: { segments: segmentsOf(opened.leads, weight, slotSeconds) },
    };
  }

  return { starting, makeUp, samples, campaigns };
}

/** The campaign's hours on its next day of dialling; a shift has twelve hours at most. */
export function hoursOf(
  campaign: Pick<Campaign, 'hours' | 'zone'>,
  now: number,
): Pick<ForecastFigures, 'from' | 'until'> {
  const day = localTime(dayStart(campaign, now), campaign.zone);
  const windows = campaign.hours[weekdays[day.weekday - 1]!];
  const from = windows[0]?.[0] ?? '09:00';
  const last = windows.at(-1)?.[1] ?? '18:00';
  const until = last === '24:00' ? '00:00' : last;
  if (secondsBetween(from, until) <= longestShiftHours * 3600) return { from, until };
  const [hour = 9, minute = 0] = from.split(':').map(Number);
  return { from, until: clock((hour + longestShiftHours) % 24, minute) };
}

function hoursFromNow(zone: string, now: number): Pick<ForecastFigures, 'from' | 'until'> {
  const from = localTime(now, zone);
  const until = from.plus({ hours: runningHours });
  return { from: clock(from.hour, from.minute), until: clock(until.hour, until.minute) };
}

const clock = (hour: number, minute: number): string =>
  `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;

/** Midnight, in the campaign's zone, of the day that is forecast: today while it is open, else the next day with hours. */
export function dayStart({ hours, zone }: Pick<Campaign, 'hours' | 'zone'>, now: number): number {
  const today = localTime(now, zone).startOf('day');
  for (let ahead = 0; ahead < 8; ahead++) {
    const day = today.plus({ days: ahead });
    const windows = hours[weekdays[day.weekday - 1]!];
    if (windows.length === 0) continue;
    const time = localTime(now, zone).toFormat('HH:mm');
    if (ahead === 0 && windows[0]![0] <= time) continue;
    return day.toMillis();
  }
  return today.plus({ days: 1 }).toMillis();
}
