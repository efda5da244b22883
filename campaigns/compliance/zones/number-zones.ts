import { getCountries, getCountryCallingCode, type CountryCode } from 'libphonenumber-js/max';
import { Metadata } from 'libphonenumber-js/core';
import maxMetadata from 'libphonenumber-js/max/metadata';
import { countryZones } from './country-zones.ts';
import { buildPrefixMap } from './prefix-map.ts';

/** Of several countries with one calling code: the one whose clocks a number without further knowledge shows. */
const mainCountry: Record<string, string> = {
  '1': 'US',
  '7': 'RU',
  '39': 'IT',
  '44': 'GB',
  '47': 'NO',
  '61': 'AU',
  '212': 'MA',
  '262': 'RE',
  '290': 'SH',
  '358': 'FI',
  '590': 'GP',
  '599': 'CW',
};

interface CallingCode {
  readonly country: string;
  readonly lengths: ReadonlySet<number>;
}

const callingCodes = readCallingCodes();
const prefixMap = buildPrefixMap();
const none: readonly string[] = [];

function readCallingCodes(): Map<string, CallingCode> {
  const metadata = new Metadata(maxMetadata);
  const codes = new Map<string, { country: string; lengths: Set<number> }>();
  const take = (country: CountryCode): void => {
    const code = getCountryCallingCode(country);
    metadata.selectNumberingPlan(country);
    const entry = codes.get(code) ?? { country: mainCountry[code] ?? country, lengths: new Set<number>() };
    for (const length of metadata.numberingPlan?.possibleLengths() ?? []) entry.lengths.add(length);
    codes.set(code, entry);
  };
  getCountries().forEach(take);
  return codes;
}

/** The calling code at the head of an E.164 number's digits; undefined when none is assigned to a country. */
export function callingCodeOf(digits: string): string | undefined {
  for (let length = 1; length <= 3; length += 1) {
    const head = digits.slice(0, length);
    if (callingCodes.has(head)) return head;
  }
  return undefined;
}

/** ISO code of the country a number's calling code belongs to; in North America of the largest, `US`. */
export function countryOfNumber(e164: string): string | undefined {
  const code = callingCodeOf(e164.slice(1));
  return code === undefined ? undefined : callingCodes.get(code)?.country;
}

/** The calling code of a country: 'CA' and 'US' are both '1'. */
export function callingCodeOfCountry(country: string): string | undefined {
  try {
    return getCountryCallingCode(country as CountryCode);
  } catch {
    return undefined;
  }
}

/**
 * Could the number be dialled at all: E.164 form, a country's calling code, a length of that country, and in North
 * America an area code and exchange that can exist. Numbers reserved for fiction pass.
 */
export function isDialable(e164: string): boolean {
  if (!/^\+[1-9]\d{5,14}$/.test(e164)) return false;
  const digits = e164.slice(1);
  const code = callingCodeOf(digits);
  if (code === undefined) return false;
  if (code === '1') return /^1[2-9](?!11)\d\d[2-9](?!11)\d\d\d{4}$/.test(digits);
  return callingCodes.get(code)?.lengths.has(digits.length - code.length) ?? false;
}

/**
 * Every zone in which the owner of a number may be. Empty for numbers that belong to no place (toll-free, personal)
 * and for area codes not in service.
 */
export function numberZones(e164: string): readonly string[] {
  // Without its plus it would be read by another country's code.
  if (!e164.startsWith('+')) return none;
  const digits = e164.slice(1);
  const code = callingCodeOf(digits);
  if (code === undefined) return none;
  const zones = prefixMap.zonesOf(digits);
  if (zones) return zones;
  if (code === '1') return none;
  return countryZones.get((callingCodes.get(code) as CallingCode).country) ?? none;
}
