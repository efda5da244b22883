import type { Locale } from '../../core/i18n/index.ts';
import { readPlace } from './address-region.ts';
import { namedParts } from './countries.ts';
import { isCountry } from './phone-number.ts';
import { countryCode, olderCode, placeNamed } from './place-names.ts';

/** The region that somebody asks for by name or code: 上海 is `CN-SH`, China `CN`; null where nobody here knows it. */
export function regionCode(text: string): string | null {
  const upper = text.trim().toUpperCase();
  if (isCountry(upper)) return upper;
  if (/^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(upper)) {
    const place = readPlace(upper.slice(0, 2), upper.slice(3));
    return place.ok ? place.region : null;
  }
  return countryCode(text) ?? placeNamed(text);
}

/** What the reader calls a region that is asked for; as it is written where the name alone could be another. */
export function regionLabel(region: string, locale: Locale): string {
  const code = regionCode(region);
  if (code === null) return region;
  const { country, rest } = namedParts(code, locale);
  const name = rest || country;
  return regionCode(name) === code ? name : code;
}

/** How a region may be written in what is kept: by its code, and by the one it had before. */
export function regionSpellings(region: string): string[] {
  const code = regionCode(region) ?? region;
  const before = olderCode(code);
  return before ? [code, before] : [code];
}
