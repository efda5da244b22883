import type { Translate, Locale } from '../../core/i18n/index.ts';
import { formatNumber, formatPercent, formatPhone } from '../../core/i18n/index.ts';
import type { Campaign } from './campaign.ts';
import type { CampaignPicture } from './campaign-facts.ts';
import { groupHours, weekdays, type CallingHours } from './hours.ts';

/** "Mon–Fri 09:00–20:00, Sat 10:00–18:00" in the reader's language. */
export function hoursText(hours: CallingHours, t: Translate): string {
  const groups = groupHours(hours);
  if (groups.length === 0) return t('campaigns:hours.never');
  const name = (day: string) => t(`campaigns:weekdays.${day}`);
  return groups
    .map(({ days, windows }) => {
      const first = days[0]!;
      const last = days.at(-1)!;
      const span =
        days.length === weekdays.length
          ? t('campaigns:hours.daily')
          : days.length === 1
            ? name(first)
            : `${name(first)}–${name(last)}`;
      return `${span} ${windows.map(([from, to]) => `${from}–${to}`).join(', ')}`;
    })
    .join(t('campaigns:listSeparator'));
}

/** The whole campaign in one sentence, as a colleague would say it. */
export function summaryOf(
  campaign: Campaign,
  picture: CampaignPicture,
  t: Translate,
  locale: Locale,
): string {
  const { counts, agents, trunks } = picture;
  const cap = Math.min(campaign.abandonCap, picture.lawfulCap);
  const left = counts.new + counts.waiting + counts.callback + counts.reserved + counts.dialing;
  const number = (value: number) => formatNumber(value, locale);
  const overdials = campaign.mode === 'power' || campaign.mode === 'predictive';
  const mode = t(`campaigns:summary.mode.${campaign.mode}`, {
    ratio: formatNumber(campaign.powerRatio, locale, { maximumFractionDigits: 2 }),
  });
  const callerId = campaign.callerId ?? trunks.find((trunk) => trunk.callerId)?.callerId ?? null;
  return t('campaigns:summary.sentence', {
    customers: t('campaigns:summary.customers', { count: left, number: number(left) }),
    hours: hoursText(campaign.hours, t),
    mode: overdials
      ? t('campaigns:summary.underCap', {
          mode,
          cap: formatPercent(cap, locale, (cap * 100) % 1 === 0 ? 0 : 1),
        })
      : mode,
    from: picture.numberPool
      ? t('campaigns:summary.fromPool', {
          pool: picture.numberPool.name,
          count: picture.numberPool.numbers.filter(({ enabled }) => enabled).length,
        })
      : callerId
        ? t('campaigns:summary.from', { number: formatPhone(callerId).replaceAll(' ', '\u00a0') })
        : t('campaigns:summary.fromNobody'),
    agents: t('campaigns:summary.agents', { count: agents.length, number: number(agents.length) }),
  });
}
