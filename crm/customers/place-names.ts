import { getCountries } from 'libphonenumber-js/max';

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
  台湾: 'TW',
  臺灣: 'TW',
  taiwan: 'TW',
  hongkong: 'HK',
  korea: 'KR',
  uae: 'AE',
}))
  countries.set(name, code);

/** Subdivisions of the countries whose zones depend on them, by name. */
const subdivisions: Readonly<Record<string, string>> = {
  US:
    'Alabama AL,Alaska AK,Arizona AZ,Arkansas AR,California CA,Colorado CO,Connecticut CT,Delaware DE,District of Columbia DC,' +
    'Florida FL,Georgia GA,Hawaii HI,Idaho ID,Illinois IL,Indiana IN,Iowa IA,Kansas KS,Kentucky KY,Louisiana LA,Maine ME,' +
    'Maryland MD,Massachusetts MA,Michigan MI,Minnesota MN,Mississippi MS,Missouri MO,Montana MT,Nebraska NE,Nevada NV,' +
    'New Hampshire NH,New Jersey NJ,New Mexico NM,New York NY,North Carolina NC,North Dakota ND,Ohio OH,Oklahoma OK,Oregon OR,' +
    'Pennsylvania PA,Rhode Island RI,South Carolina SC,South Dakota SD,Tennessee TN,Texas TX,Utah UT,Vermont VT,Virginia VA,' +
    'Washington WA,West Virginia WV,Wisconsin WI,Wyoming WY,Puerto Rico PR,Guam GU,US Virgin Islands VI,Virgin Islands VI,Northern Mariana Islands MP,American Samoa AS',
  CA:
    'Alberta AB,British Columbia BC,Manitoba MB,New Brunswick NB,Newfoundland and Labrador NL,Nova Scotia NS,Ontario ON,' +
    'Prince Edward Island PE,Quebec QC,Québec QC,Saskatchewan SK,Northwest Territories NT,Nunavut NU,Yukon YT',
  AU:
    'New South Wales NSW,Queensland QLD,South Australia SA,Tasmania TAS,Victoria VIC,Western Australia WA,' +
    'Australian Capital Territory ACT,Northern Territory NT',
};
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
  ...{ SK: letters, TW: letters, IS: /^\d$/, JP: /^\d{2}$/, KR: /^\d{2}$/ },
};
const states = new Map<string, string>();
const parts = new Set<string>();
for (const [country, list] of Object.entries(subdivisions))
  for (const entry of list.split(',')) {
    const code = entry.slice(entry.lastIndexOf(' ') + 1);
    states.set(`${country} ${fold(entry.slice(0, entry.lastIndexOf(' ')))}`, code);
    states.set(`${country} ${code.toLowerCase()}`, code);
    parts.add(`${country}-${code}`);
  }

function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** The ISO code of a country by its code or name; null when nobody knows it. */
export function countryCode(text: string): string | null {
  return countries.get(fold(text)) ?? null;
}

/** The code of a state or province by its code or name, in countries whose parts are named here. */
export function stateCode(country: string, text: string): string | null {
  return states.get(`${country} ${fold(text)}`) ?? null;
}

/** Whether all parts of the country are named here. */
export function namesParts(country: string): boolean {
  return country in subdivisions;
}

/** Whether a text has the form of an ISO 3166-2 part of the country; where all are named, whether it is one. */
export function isSubdivision(country: string, code: string): boolean {
  if (namesParts(country)) return parts.has(`${country}-${code}`);
  return (forms[country] ?? /^[A-Z0-9]{1,3}$/).test(code);
}
