import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import type { Locale } from '../../core/i18n/index.ts';
import { partName } from './place-names.ts';

export interface CountryChoice {
  readonly value: string;
  readonly label: string;
}

const made = new Map<Locale, CountryChoice[]>();

/** Every country with its calling code, by name in the reader's language. */
export function countryChoices(locale: Locale): CountryChoice[] {
  let choices = made.get(locale);
  if (!choices) {
    const names = new Intl.DisplayNames([locale], { type: 'region' });
    choices = getCountries()
      .map((code) => ({
        value: code as string,
        label: `${names.of(code) ?? code} +${getCountryCallingCode(code)}`,
      }))
      .sort((a, b) => a.label.localeCompare(b.label, locale));
    made.set(locale, choices);
  }
  return choices;
}

/** The name of an address region for people: `US-NY-10001` is `United States · New York 10001`. */
export function regionName(region: string | null, locale: Locale): string {
  if (!region) return '';
  const { country, rest } = namedParts(region, locale);
  return [country, rest].filter(Boolean).join(' · ');
}

/** The country and what is behind it, each in the reader's language. */
export function namedParts(region: string, locale: Locale): { country: string; rest: string } {
  const [country = '', part = '', ...more] = region.split('-');
  let name: string;
  try {
    name = new Intl.DisplayNames([locale], { type: 'region' }).of(country) ?? country;
  } catch {
    name = country;
  }
  const called = partName(country, part, locale);
  const behind = more.join('-');
  // What has no name is read again as it is kept: 11 04524 would be no part and its postal code.
  const rest = called ? [called, behind].filter(Boolean).join(' ') : [part, ...more].join('-');
  return { country: name, rest };
}

/** People tell the two kinds of Chinese apart by their script. */
const written: Readonly<Record<string, string>> = { 'zh-CN': 'zh-Hans', 'zh-TW': 'zh-Hant' };

/** The name of a language tag in the reader's language. */
export function languageName(tag: string | null, locale: Locale): string {
  if (!tag) return '';
  try {
    return new Intl.DisplayNames([locale], { type: 'language' }).of(written[tag] ?? tag) ?? tag;
  } catch {
    return tag;
  }
}

const usual: readonly (readonly [code: string, language: string])[] = [
  ['+86', 'zh-CN'],
  ['+886', 'zh-TW'],
  ['+852', 'zh-TW'],
  ['+853', 'zh-TW'],
];

/** In which language to speak to somebody of whom only the number is known; null where their country has none of ours. */
export function usualLanguage(e164: string): string | null {
  return usual.find(([code]) => e164.startsWith(code))?.[1] ?? null;
}

/** Languages offered in forms; any other tag can be imported. */
export const customerLanguages = [
  'en',
  'zh-CN',
  'zh-TW',
  'yue',
  'ja',
  'ko',
  'es',
  'fr',
  'de',
  'pt',
  'vi',
  'th',
] as const;
