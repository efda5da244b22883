import parsePhoneNumber from 'libphonenumber-js/max';
import { IANAZone } from 'luxon';
import { zoneRules } from '../time/zone-rules.ts';
import type { Locale } from './locale.ts';

/** Whose eyes: language, and IANA time zone. */
export interface Reader {
  locale: Locale;
  zone: string;
  /** The browser has not said its zone: `zone` is this machine's, and times name it. */
  zoneGuessed?: boolean;
}

const dateTimeFormats = new Map<string, Intl.DateTimeFormat>();

/** Formatters are dear to make (10× the cost of a format), so each is made once per language, zone and shape. */
function dateTimeFormat(
  locale: string,
  zone: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${locale}|${zone}|${JSON.stringify(options)}`;
  let format = dateTimeFormats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    dateTimeFormats.set(key, format);
  }
  return format;
}

const day = { year: 'numeric', month: 'short', day: 'numeric' } as const;
const minute = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const second = { ...minute, second: '2-digit' } as const;

export type DateShape = 'date' | 'time' | 'seconds' | 'datetime';

const shapes: Record<DateShape, Intl.DateTimeFormatOptions> = {
  date: day,
  time: minute,
  seconds: second,
  datetime: { ...day, ...minute },
};

/**
 * `at` in epoch ms, as the reader writes it, on the clock by which the gate goes. In another zone than the reader's,
 * that zone is named behind it.
 */
export function formatDate(at: number, shape: DateShape, reader: Reader, zone = reader.zone): string {
  const text = onClock(at, zone, reader.locale, shapes[shape]);
  return (zone === reader.zone && !reader.zoneGuessed) || shape === 'date'
    ? text
    : `${text} ${zoneName(zone, reader.locale, at)}`;
}

function onClock(at: number, zone: string, locale: string, shape: Intl.DateTimeFormatOptions): string {
  const rules = zoneRules(zone);
  return rules
    ? dateTimeFormat(locale, 'UTC', shape).format(at + rules.offsetAt(at))
    : dateTimeFormat(locale, zone, shape).format(at);
}

/** The short name of a zone at that moment: `PST`, `GMT+8`; always its offset where the engine does not know its clock. */
export function zoneName(zone: string, locale: Locale, at: number): string {
  const engine = dateTimeFormat(locale, zone, shapes.datetime).format(at);
  if (engine !== onClock(at, zone, locale, shapes.datetime)) return offsetName(zoneRules(zone)!.offsetAt(at));
  const parts = dateTimeFormat(locale, zone, { timeZoneName: 'short' }).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

/** `GMT-7`, `GMT+5:30`. */
function offsetName(offset: number): string {
  const minutes = Math.abs(offset) / 60_000;
  const rest = minutes % 60;
  const sign = offset < 0 ? '-' : '+';
  return `GMT${sign}${Math.floor(minutes / 60)}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

// Zones have had other names in other years.
const zoneNamesOf = Date.UTC(2026, 0, 1);

/** `Eastern Time`: what several zones of the same clock have in common. */
export function zoneLongName(zone: string, locale: Locale): string {
  if (zone === 'UTC') return zone;
  const parts = dateTimeFormat(locale, zone, { timeZoneName: 'longGeneric' }).formatToParts(zoneNamesOf);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

/** A zone for choosing and reading, at any time of the year: `Eastern Time · New York`. */
export function zoneLabel(zone: string, locale: Locale): string {
  const name = zoneLongName(zone, locale);
  const place = zone.split('/').at(-1)!.replaceAll('_', ' ');
  return name.includes(place) ? name : `${name} · ${place}`;
}

export function isZone(zone: unknown): zone is string {
  return (
    typeof zone === 'string' &&
    zone.length <= 60 &&
    IANAZone.isValidZone(zone) &&
    zoneRules(zone) !== undefined
  );
}

const numberFormats = new Map<string, Intl.NumberFormat>();

export function formatNumber(value: number, locale: Locale, options: Intl.NumberFormatOptions = {}): string {
  const key = `${locale}|${JSON.stringify(options)}`;
  let format = numberFormats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, options);
    numberFormats.set(key, format);
  }
  return format.format(value);
}

/** `value` is a fraction: 0.034 is 3.4 %. */
export function formatPercent(value: number, locale: Locale, digits = 1): string {
  return formatNumber(value, locale, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** An E.164 number grouped as its own country groups it, with the country code; anything else as it is. */
export function formatPhone(e164: string): string {
  return parsePhoneNumber(e164)?.formatInternational() ?? e164;
}
