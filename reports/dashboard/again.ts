import { localTime } from '../../core/time/local-time.ts';
import type { RequestContext } from '../../core/http/index.ts';
import { formatDate, zoneLabel } from '../../core/i18n/index.ts';

/**
 * When dialling goes on: the day in words, the time and the zone of the campaign, and the reader's own clock where it
 * shows another time. Null where nobody knows.
 */
export function againText(
  until: number | null,
  now: number,
  zone: string,
  reader: Pick<RequestContext, 't' | 'locale' | 'zone' | 'zoneGuessed'>,
): string | null {
  if (until === null) return null;
  const { t, locale } = reader;
  const at = localTime(until, zone);
  const days = Math.round(at.startOf('day').diff(localTime(now, zone).startOf('day'), 'days').days);
  const key = days === 0 ? 'againToday' : days === 1 ? 'againTomorrow' : 'againOn';
  const text = t(`reports:dashboard.${key}`, {
    time: formatDate(until, 'time', { locale, zone }),
    day: formatDate(until, 'date', { locale, zone }),
    zone: zoneLabel(zone, locale),
  });
  const own = localTime(until, reader.zone);
  if (reader.zoneGuessed || own.offset === at.offset) return text;
  return `${text}${t('reports:dashboard.againOwn', { at: formatDate(until, 'datetime', { locale, zone: reader.zone }) })}`;
}
