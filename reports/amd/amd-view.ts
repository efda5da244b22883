import {
  checksOf,
  leastChecks,
  machineErrors,
  sampledForMs,
  type HungUpOn,
  type Measured,
} from '../../campaigns/compliance/index.ts';
import type { Campaign } from '../../campaigns/index.ts';
import type { RequestContext } from '../../core/http/index.ts';
import { formatNumber, formatPercent } from '../../core/i18n/index.ts';
import { machineMessageEnds } from '../../dialer/amd/index.ts';
import { checksWorth, hungUpOnPerThousand } from './amd-figures.ts';
import type { AmdMeasured, AmdMet } from './amd-store.ts';

/** What the campaign's page shows of it; null: it was not in use, and is not. */
export function amdView(
  campaign: Campaign,
  {
    counts,
    messages,
    since,
    met: toAgents,
    counted,
  }: AmdMeasured & { met: AmdMet; counted: HungUpOn | null },
  context: RequestContext,
) {
  const { t, locale } = context;
  const { amd, amdOffAt, amdSince, amdSettings } = campaign;
  if (!amd && amdOffAt === null && counts.passed + counts.machines === 0) return null;
  const figures = machineErrors(counts);
  const percent = (share: number) => formatPercent(share, locale, 1);
  const stat = (of: Measured | null) =>
    of && {
      rate: percent(of.rate),
      range: t('reports:amd.range', { low: percent(of.low), high: percent(of.high) }),
    };
  const checksKnown = checksOf(counts);
  const worth = checksWorth(counts);
  const perThousand = hungUpOnPerThousand(counts, figures);
  const agentMs = counts.missedMs + counts.checkMs;
  const met = counts.passedMachines + counts.checkedMachines;
  return {
    on: amd,
    offAt: amdOffAt,
    since: t('reports:amd.window', { days: sampledForMs / 86_400_000 }),
    sinceAt: since === amdSince ? since : null,
    falsePositive: stat(figures.falsePositive),
    falseNegative: stat(figures.falseNegative),
    state: (figures.falsePositive?.rate ?? 0) > amdSettings.limit ? 'bad' : '',
    limit: percent(amdSettings.limit),
    unchecked: amdSettings.checkShare === 0,
    fewChecks:
      checksKnown < leastChecks ? t('reports:amd.fewChecks', { count: checksKnown, least: leastChecks }) : '',
    // Where the chance differed much, so many checks tell clearly less.
    weighed:
      checksKnown >= leastChecks && worth <= 0.9 * checksKnown
        ? t('reports:amd.weighed', { count: checksKnown, worth })
        : '',
    counted: countedWords(counted, context),
    costs: [
      perThousand !== null &&
        t('reports:amd.hungUpOn', {
          number: formatNumber(perThousand, locale, { maximumFractionDigits: 1 }),
        }),
      met > 0 &&
        t('reports:amd.agentTime', {
          count: met,
          minutes: formatNumber(agentMs / 60_000, locale, {
            maximumFractionDigits: agentMs < 600_000 ? 1 : 0,
          }),
          each: formatNumber(agentMs / met / 1000, locale, { maximumFractionDigits: 0 }),
        }),
      counts.passed > 0 &&
        t('reports:amd.silence', {
          seconds: formatNumber(counts.listenedMs / counts.passed / 1000, locale, {
            maximumFractionDigits: 1,
          }),
        }),
    ].filter((line) => line !== false),
    counts: {
      ...counts,
      passedMet: toAgents.passed,
      machinesMet: toAgents.machines,
      passedSaid: counts.passedPersons + counts.passedMachines,
      checkedSaid: checksKnown,
    },
    messages: machineMessageEnds.flatMap((end) =>
      messages[end] > 0 ? [{ word: t(`reports:amd.messages.${end}`), count: messages[end] }] : [],
    ),
  };
}

/** What the campaign's law has in the abandon rate; empty: it asks for nothing, or nobody was hung up on. */
function countedWords(counted: HungUpOn | null, { t, locale }: RequestContext): string {
  if (!counted || counted.machines === 0) return '';
  const { people, checks, checksNeeded: needed } = counted;
  if (!people) return t('reports:amd.lawCountsUnknown', { checks, needed });
  const number = (value: number) => formatNumber(Math.round(value), locale);
  return t('reports:amd.lawCounts', {
    ...{ people: number(people.estimate), low: number(people.low), high: number(people.high) },
  });
}
