import type { RequestContext } from '../../core/http/index.ts';
import { offsetsOf } from '../../core/time/local-time.ts';
import { formatDate, formatNumber, formatPercent } from '../../core/i18n/index.ts';
import type { Band, Outlook } from '../../dialer/pacing/index.ts';
import type { Campaign } from '../../campaigns/index.ts';
import { changesIn, type ForecastFigures } from './figures.ts';
import type { Forecast, ForecastAnswer } from './forecast.ts';

/** Figures of a campaign that a forecast can put in force. */
export const applicable = ['mode', 'powerRatio', 'abandonCap', 'maxLinesPerAgent'] as const;

type Context = Pick<RequestContext, 't' | 'locale'>;
type Say = (value: number) => string;

/** What the page shows of a forecast that has come to its end. */
export function answerView(forecast: Forecast, campaign: Campaign, context: Context) {
  const { answer, question } = forecast;
  if (!answer) return null;
  const { t, locale } = context;
  const { result } = answer;
  const say = formats(locale, t);
  const shown = result.changed ?? result.present;
  const bandText = (band: Band, as: Say) => ({
    middle: as(band.middle),
    range: t('reports:forecast.range', { low: as(band.low), high: as(band.high) }),
  });
  const hoursADay = answer.seconds / 3600;
  const days: Say = (hours) => t('reports:forecast.days', { number: say.one(hours / hoursADay) });
  const rows: [key: string, of: (outlook: Outlook) => Band | null, as: Say][] = [
    ['utilization', (o) => o.utilization, say.percent],
    ['abandonShare', (o) => o.abandonShare, say.percent],
    ['calls', (o) => o.calls, say.whole],
    ['contacts', (o) => o.contacts, say.whole],
    ['contactsPerAgentHour', (o) => o.contactsPerAgentHour, say.one],
    ['waitSeconds', (o) => o.waitSeconds, say.seconds],
    ['starved', (o) => o.starved, say.percent],
    ['listHours', (o) => o.listHours, days],
  ];
  const { mode, agents } = question.typed;
  const reader = { locale, zone: campaign.zone };
  return {
    sentence: t(question.running ? 'reports:forecast.sentenceRunning' : 'reports:forecast.sentence', {
      agents: say.whole(agents),
      mode: t(`campaigns:modes.${mode}.name`),
      from: formatDate(answer.start, 'datetime', reader),
      until: formatDate(answer.start + answer.seconds * 1000, 'time', reader),
      runs: say.whole(shown.runs),
    }),
    compared: result.changed !== null,
    rows: rows.flatMap(([key, of, as]) => {
      const now = of(shown);
      const before = of(result.present);
      if (!now || !before) return [];
      return {
        label: t(`reports:forecast.figures.${key}`),
        hint: t(`reports:forecast.figureHints.${key}`),
        ...bandText(now, as),
        before: bandText(before, as),
        over: key === 'abandonShare' && now.middle > question.typed.abandonCap,
      };
    }),
    changes: changesIn(question.present, question.typed).map((name) => ({
      label: t(`reports:forecast.fields.${name}`),
      before: figureText(question.present, name, context),
      after: figureText(question.typed, name, context),
    })),
    staffing: result.staffing.map(({ agents: heads, outlook }) => ({
      agents: say.whole(heads),
      recommended: heads === result.recommended,
      utilization: bandText(outlook.utilization, say.percent),
      waitSeconds: bandText(outlook.waitSeconds, say.seconds),
      contactsPerHour: bandText(outlook.contactsPerHour, say.whole),
      abandonShare: bandText(outlook.abandonShare, say.percent),
      listHours: outlook.listHours && bandText(outlook.listHours, days),
      starved: bandText(outlook.starved, say.percent),
    })),
    advice: adviceOf(answer, question.typed, context),
    makeUp: makeUpView(answer, campaign, context),
    learned: t(`reports:forecast.learned.${question.learned.from}`, {
      calls: say.whole(question.learned.calls),
    }),
    // Text, as it is carried by an attribute: what htmx swaps in may hold no script.
    chart: JSON.stringify({
      offsets: offsetsOf(campaign.zone, answer.start, answer.start + answer.seconds * 1000),
      cap: question.typed.abandonCap,
      shown: shown.spans,
      before: result.changed ? result.present.spans : null,
    }),
    apply: applyView(forecast, campaign, context),
  };
}

/** What of a forecast can be put in force, and is not yet. */
export function applyView({ question }: Forecast, campaign: Campaign, context: Context) {
  const changed = changesIn(question.present, question.typed);
  const asItIs: Record<(typeof applicable)[number], unknown> = campaign;
  const names = applicable.filter((name) => changed.includes(name) && asItIs[name] !== question.typed[name]);
  return names.map((name) => ({
    name,
    text: context.t('reports:forecast.applyLine', {
      label: context.t(`reports:forecast.fields.${name}`),
      value: figureText(question.typed, name, context),
    }),
  }));
}

function adviceOf({ result }: ForecastAnswer, typed: ForecastFigures, { t, locale }: Context): string {
  const { whole } = formats(locale, t);
  const wish = typed.goalDays !== null;
  if (result.recommended === null)
    return t(wish ? 'reports:forecast.adviceGoalMissed' : 'reports:forecast.adviceNone');
  return t(wish ? 'reports:forecast.adviceGoal' : 'reports:forecast.advice', {
    agents: whole(result.recommended),
    days: formatNumber(typed.goalDays ?? 0, locale, { maximumFractionDigits: 1 }),
  });
}

const zonesShown = 6;

function makeUpView({ makeUp, start }: ForecastAnswer, { zone }: Campaign, { t, locale }: Context) {
  if (!makeUp) return null;
  const { whole } = formats(locale, t);
  const at = (seconds: number): string => formatDate(start + seconds * 1000, 'time', { locale, zone });
  return {
    text: t('reports:forecast.makeUp', { leads: whole(makeUp.leads), blocked: whole(makeUp.blocked) }),
    sampled: t('reports:forecast.sampled', { count: makeUp.sampled, number: whole(makeUp.sampled) }),
    zones: makeUp.zones.slice(0, zonesShown).map((each) => ({
      zone: each.zone.replaceAll('_', ' '),
      leads: whole(each.leads),
      open:
        each.from === null || each.until === null
          ? t('reports:forecast.neverOpen')
          : `${at(each.from)}–${at(each.until)}`,
    })),
    more: Math.max(0, makeUp.zones.length - zonesShown),
    nobody: makeUp.leads === 0,
  };
}

/** A figure as people read it. */
function figureText(figures: ForecastFigures, name: keyof ForecastFigures, { t, locale }: Context): string {
  const say = formats(locale, t);
  switch (name) {
    case 'mode':
      return t(`campaigns:modes.${figures.mode}.name`);
    case 'abandonCap':
    case 'answer':
    case 'machine':
    case 'failed':
      return say.percent(figures[name]);
    case 'talkSeconds':
    case 'wrapupSeconds':
    case 'ringSeconds':
      return say.seconds(figures[name]);
    case 'agentsByHour':
      return (
        Object.entries(figures.agentsByHour)
          .map(([hour, agents]) => `${hour.padStart(2, '0')}:00 ${say.whole(agents)}`)
          .join(', ') || '–'
      );
    case 'from':
    case 'until':
      return figures[name];
    default: {
      const value = figures[name];
      return value === null ? t('reports:forecast.unlimited') : say.one(value);
    }
  }
}

function formats(locale: RequestContext['locale'], t: RequestContext['t']) {
  return {
    whole: (value: number) => formatNumber(Math.round(value), locale),
    one: (value: number) => formatNumber(value, locale, { maximumFractionDigits: 1 }),
    percent: (value: number) => formatPercent(value, locale, 1),
    seconds: (value: number) =>
      t('reports:forecast.seconds', { number: formatNumber(Math.round(value), locale) }),
  };
}
