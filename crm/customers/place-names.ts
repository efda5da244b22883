import { getCountries } from 'libphonenumber-js/max';
import type { Locale } from '../../core/i18n/index.ts';
import { placeParts } from './place-parts.ts';

/** Countries by code and by name in English and both Chinese scripts, folded. */
const countries = new Map<string, string>();
for (const code of getCountries()) {
  countries.set(code.toLowerCase(), code);
  for (const language of ['en', 'zh-Hans', 'zh-Hant']) {
    const name = new Intl.DisplayNames([language], { type: 'region' }).of(code);
    if (name) countries.set(fold(name), code);
  }
}
for (const [name, code] of Object.entries({
  usa: 'US',
  america: 'US',
  unitedstatesofamerica: 'US',
  uk: 'GB',
  england: 'GB',
  scotland: 'GB',
  wales: 'GB',
  prc: 'CN',
  chinamainland: 'CN',
  mainlandchina: 'CN',
  中国大陆: 'CN',
  中國大陸: 'CN',
  香港: 'HK',
  香港特别行政区: 'HK',
  香港特別行政區: 'HK',
  澳门: 'MO',
  澳門: 'MO',
  澳门特别行政区: 'MO',
  澳門特別行政區: 'MO',
  台湾省: 'TW',
  臺灣省: 'TW',
  台湾: 'TW',
  臺灣: 'TW',
  taiwan: 'TW',
  hongkong: 'HK',
  macau: 'MO',
  macao: 'MO',
  korea: 'KR',
  uae: 'AE',
}))
  countries.set(fold(name), code);

/** Countries of which only some parts are named: any code of the right form may be one of theirs. */
const partly = new Set(['GB']);
/** Codes of parts where a postal code, or the beginning of one, is as short. */
const letters = /^[A-Z]{1,3}$/;
const forms: Readonly<Record<string, RegExp>> = {
  ...{
    FO: letters,
    GB: letters,
    IE: letters,
    LS: letters,
    MG: letters,
    OM: letters,
    PG: letters,
    SE: letters,
  },
  ...{ SK: letters, IS: /^\d$/, JP: /^\d{2}$/, KR: /^\d{2}$/ },
};

interface Part {
  readonly country: string;
  readonly code: string;
  /** In English and both Chinese scripts, as it is shown. */
  readonly names: Readonly<Record<Locale, string>>;
}
/** By country and code, older codes too. */
const parts = new Map<string, Part>();
const older = new Map<string, string>();
/** By country and folded name; null: two parts of the country are called so. */
const named = new Map<string, Part | null>();
/** By folded name alone. */
const anywhere = new Map<string, Part | null>();
for (const [country, table] of Object.entries(placeParts))
  for (const line of table.trim().split('\n')) {
    const [code = '', former, en = '', simple = '', complex, more = ''] = line.split('|');
    const part = { country, code, names: { en, 'zh-CN': simple, 'zh-TW': complex || simple } };
    for (const known of [code, former]) if (known) parts.set(`${country}-${known}`, part);
    if (former) older.set(`${country}-${code}`, `${country}-${former}`);
    const shown = [en, simple, complex ?? ''].filter(Boolean).map(fold);
    const others = more.split(',').filter(Boolean).map(fold);
    for (const name of new Set([...shown, ...shown.map(withoutKind), ...others])) {
      know(named, `${country} ${name}`, part);
      know(anywhere, name, part);
    }
  }

function know(names: Map<string, Part | null>, name: string, part: Part): void {
  const before = names.get(name);
  names.set(name, before === undefined || before === part ? part : null);
}

/** Without what says that it is a province, a city …: 广东省, Guangdong Sheng, Guangxi Zhuang Autonomous Region. */
function withoutKind(name: string): string {
  const short = name.replace(
    /(?:[省市县縣州]|(?:壮族|壯族|回族|维吾尔|維吾爾)?自治[区區]|特[别別]行政[区區]|province|sheng|city|shi|municipality|(?:zhuang|zhuangzu|hui|huizu|uygur|uyghur|uighur|weiwuer)?(?:autonomousregion|zizhiqu)|specialadministrativeregion|sar|county|state)$/u,
    '',
  );
  return short.length > 1 ? short : name;
}

function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replaceAll('臺', '台')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** The ISO code of a country by its code or name; null when nobody knows it. */
export function countryCode(text: string): string | null {
  return countries.get(fold(text)) ?? null;
}

/** The code of a state or province by its code or name, in countries whose parts are named here. */
export function stateCode(country: string, text: string): string | null {
  const part = parts.get(`${country}-${text.trim().toUpperCase()}`) ?? partNamed(named, text, `${country} `);
  return part?.code ?? null;
}

/** The one part of all countries here that is called so, as `CN-SH`; null where a country is called so, or two are. */
export function placeNamed(text: string): string | null {
  if (countryCode(text)) return null;
  const part = partNamed(anywhere, text);
  return part && `${part.country}-${part.code}`;
}

/** Whether a country is called so, and a part of one too: Georgia. */
export function isNameOfBoth(text: string): boolean {
  return countryCode(text) !== null && anywhere.has(fold(text));
}

function partNamed(names: ReadonlyMap<string, Part | null>, text: string, before = ''): Part | null {
  const name = fold(text);
  const found = names.get(before + name);
  if (found !== undefined) return found;
  const short = names.get(before + withoutKind(name)) ?? null;
  if (short?.country === 'CN') return /[州县縣]$/.test(name) ? null : short;
  // Kansas City is in Missouri.
  return short?.country === 'TW' || /\p{Script=Han}$/u.test(name) ? short : null;
}

/** A province in Chinese with a city behind it, as 广东省深圳市 or 广东 深圳: the code of the province. */
export function stateBefore(country: string, text: string): string | null {
  const written = text.trim();
  for (let length = Math.min(written.length - 1, 12); length > 1; length--) {
    const head = written.slice(0, length);
    const rest = written.slice(length);
    if (!/^\p{Script=Han}+$/u.test(head)) continue;
    // 海南藏族自治州, in short 海南州, is in Qinghai.
    if (/^[州縣县]/.test(rest)) continue;
    const isApart = /[省市区區县縣]$/.test(head) || /^[\s,，、/·.-]/.test(rest);
    if (!isApart && (rest.length < 2 || rest.includes('族') || !/[市区區县縣]$/.test(rest))) continue;
    const code = stateCode(country, head);
    if (code) return code;
  }
  return null;
}

/** What a part of a country is called, by its code; null where nobody here knows. */
export function partName(country: string, code: string, locale: Locale): string | null {
  return parts.get(`${country}-${code}`)?.names[locale] ?? null;
}

/** Whether all parts of the country are named here. */
export function namesParts(country: string): boolean {
  return country in placeParts && !partly.has(country);
}

/** The code of a part of the country, from the present or an older one; null: no part of it has such a code. */
export function partCode(country: string, code: string): string | null {
  if (namesParts(country)) return parts.get(`${country}-${code}`)?.code ?? null;
  return (forms[country] ?? /^[A-Z0-9]{1,3}$/).test(code) ? code : null;
}

/** A code as it was kept before: `CN-31` for `CN-SH`; null where there is none. */
export function olderCode(region: string): string | null {
  return older.get(region) ?? null;
}
