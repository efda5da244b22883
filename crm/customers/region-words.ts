import type { Locale } from '../../core/i18n/index.ts';
import { readPlace } from './address-region.ts';
import { namedParts } from './countries.ts';
import { isCountry } from './phone-number.ts';
import { countryCode, isNameOfBoth, olderCode, placeNamed, stateCode } from './place-names.ts';

/**
 * The region that somebody asks for by name or code: 上海 is `CN-SH`, China `CN`; null where nobody here knows it. A part of
 * the country that is `usual` there comes before countries of its letters or name: Georgia, CA.
 */
export function regionCode(text: string, usual = ''): string | null {
  const upper = text.trim().toUpperCase();
  const state = stateCode(usual, upper);
  if (state) return codeOf(usual, state);
  if (isCountry(upper)) return upper;
  if (/^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(upper)) return codeOf(upper.slice(0, 2), upper.slice(3));
  return countryCode(text) ?? placeNamed(text);
}

function codeOf(country: string, part: string): string | null {
  const place = readPlace(country, part);
  return place.ok ? place.region : null;
}

/** The country that somebody asks for by its letters or name: `CA` is Canada, whatever place has these letters. */
export function countryNamed(text: string): string | null {
  const upper = text.trim().toUpperCase();
  return isCountry(upper) ? upper : countryCode(text);
}

/** What the reader calls a country; its letters where the name would not be read again. */
export function countryLabel(country: string, locale: Locale): string {
  const { country: name } = namedParts(country, locale);
  return countryNamed(name) === country ? name : country;
}

/** Region and country by name, so that nobody has to know whose letters they are: California (United States). */
export function placeName(region: string, locale: Locale): string {
  const { country, rest } = namedParts(regionCode(region) ?? region, locale);
  if (!rest) return country;
  return locale === 'en' ? `${rest} (${country})` : `${rest}（${country}）`;
}

/** A country and no place of another: Hong Kong is kept as either. */
export function isCountryAlone(region: string): boolean {
  return isCountry(region) && !(region in partOfAnother);
}

/** Whether customers can be in it: a region that is known, or a postal code of one. */
export function isRegion(text: string, usual?: string): boolean {
  if (regionCode(text, usual) !== null) return true;
  const country = text.trim().toUpperCase().slice(0, 2);
  return (
    isCountry(country) && text.trim().charAt(2) === '-' && codeOf(country, text.trim().slice(3)) !== null
  );
}

/** What the reader calls a region that is asked for; as it is written where the name alone could be another. */
export function regionLabel(region: string, locale: Locale): string {
  const code = regionCode(region);
  if (code === null) return region;
  const { country, rest } = namedParts(code, locale);
  const name = rest || country;
  const isClear = !isNameOfBoth(name) || regionSpellings(code).some((one) => one in partOfAnother);
  return isClear && regionCode(name) === code ? name : code;
}

/** Places that have the code of a country, and one as a part of another. */
const partOfAnother: Readonly<Record<string, string>> = {
  ...{ HK: 'CN-HK', MO: 'CN-MO', TW: 'CN-TW' },
  ...{ AS: 'US-AS', GU: 'US-GU', MP: 'US-MP', PR: 'US-PR', VI: 'US-VI' },
};
const alone = new Map(Object.entries(partOfAnother).map(([country, part]) => [part, country]));

/** How a region may be written in what is kept: by its code, by one as a part of another, and by those it had before. */
export function regionSpellings(region: string): string[] {
  const code = regionCode(region) ?? region;
  const codes = [code, partOfAnother[code] ?? alone.get(code)];
  return codes.flatMap((one) => (one ? [one, olderCode(one)] : [])).filter((one) => one != null);
}
