import { localTime, offsetsOf } from '../../core/time/local-time.ts';
import { formatPhone, isZone, type Locale, type Reader } from '../../core/i18n/index.ts';
import type { RequestContext } from '../../core/http/index.ts';
import { isNameless, namedParts, regionName, type CustomerCard } from '../../crm/index.ts';
import { zoneInWords } from './zones.ts';

/** The customer as the left column shows it. Without `id`, only the number is known. */
export interface CardView {
  id: number | null;
  name: string;
  /** Too long for the large type. */
  longName: boolean;
  salutation: string | null;
  language: string | null;
  languageName: string | null;
  company: string | null;
  email: string | null;
  place: string | null;
  custom: { name: string; value: string }[];
  tags: readonly string[];
  warnings: string[];
  phones: { e164: string; display: string; type: string; current: boolean; chosen: boolean }[];
  e164: string;
  /** The customer's clock; more than one where number and address leave it open. Empty when they do not say. */
  clocks: CustomerClock[];
  /** The first of them, in which callbacks are agreed. */
  zone: string | null;
  zoneName: string;
}

interface CustomerClock {
  zone: string;
  label: string;
  time: string;
  /** `OffsetsAhead` as JSON, by which the page lets the clock run on. */
  offsets: string;
}

/** As long as a page may stand open with one customer on it. */
const shownForMs = 86_400_000;

export interface CardInput {
  card: CustomerCard | null;
  e164: string;
  /** Every zone the customer may be in. */
  zones: readonly string[];
  now: number;
  /** The number chosen for a callback in the draft. */
  callbackPhone?: string;
  /** How the firm's own fields are named. */
  labelOf(field: string): string;
}

export function cardView(context: RequestContext, input: CardInput): CardView {
  const { card, e164, now } = input;
  const customer = card?.customer ?? null;
  const clocks = clocksOf(input.zones, context, now);
  const phones = (customer?.phones ?? []).map((phone) => ({
    ...phone,
    display: formatPhone(phone.e164),
    current: phone.e164 === e164,
    chosen: phone.e164 === (input.callbackPhone || e164),
  }));
  const name = customer && isNameless(customer) ? formatPhone(customer.name) : (customer?.name ?? '');
  return {
    id: customer?.id ?? null,
    name,
    longName: name.length > 22,
    salutation: customer?.salutation ?? null,
    language: customer?.language ?? null,
    languageName: displayName(context.locale, 'language', customer?.language),
    company: customer?.company ?? null,
    email: customer?.email ?? null,
    place: placeOf(context.locale, customer?.address ?? null, customer?.addressRegion ?? null),
    custom: Object.entries(customer?.custom ?? {})
      .filter(([, value]) => value !== '')
      .map(([name, value]) => ({ name: input.labelOf(name), value })),
    tags: customer?.tags ?? [],
    warnings: (card?.warnings ?? []).map((code) => context.t(`crm:warnings.${code}`)),
    phones,
    e164,
    clocks,
    zone: clocks[0]?.zone ?? null,
    zoneName: clocks[0]?.label ?? '',
  };
}

/** One clock for each time of day that it may be there. */
function clocksOf(zones: readonly string[], reader: Reader, now: number): CardView['clocks'] {
  const byTime = new Map<string, CustomerClock>();
  for (const zone of zones.filter(isZone)) {
    const time = localTime(now, zone).toFormat('HH:mm');
    const offsets = JSON.stringify(offsetsOf(zone, now, now + shownForMs));
    if (!byTime.has(time)) byTime.set(time, { zone, label: zoneInWords(zone, reader, now), time, offsets });
  }
  return [...byTime.values()];
}

function placeOf(locale: Locale, address: string | null, region: string | null): string | null {
  if (!region) return address;
  // Chinese goes from the whole to its parts.
  const { country, rest } = namedParts(region, locale);
  const place = locale === 'en' ? [rest, country].filter(Boolean).join(', ') : regionName(region, locale);
  return [address, place].filter(Boolean).join(' · ');
}

function displayName(
  locale: string,
  type: 'language' | 'region',
  code: string | null | undefined,
): string | null {
  if (!code) return null;
  try {
    return new Intl.DisplayNames(locale, { type, fallback: 'code' }).of(code) ?? code;
  } catch {
    return code;
  }
}
