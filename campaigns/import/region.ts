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
    'Washington WA,West Virginia WV,Wisconsin WI,Wyoming WY,Puerto Rico PR,Guam GU',
  CA:
    'Alberta AB,British Columbia BC,Manitoba MB,New Brunswick NB,Newfoundland and Labrador NL,Nova Scotia NS,Ontario ON,' +
    'Prince Edward Island PE,Quebec QC,Québec QC,Saskatchewan SK,Northwest Territories NT,Nunavut NU,Yukon YT',
  AU:
    'New South Wales NSW,Queensland QLD,South Australia SA,Tasmania TAS,Victoria VIC,Western Australia WA,' +
    'Australian Capital Territory ACT,Northern Territory NT',
};
const states = new Map<string, string>();
for (const [country, list] of Object.entries(subdivisions))
  for (const entry of list.split(',')) {
    const code = entry.slice(entry.lastIndexOf(' ') + 1);
    states.set(`${country} ${fold(entry.slice(0, entry.lastIndexOf(' ')))}`, code);
    states.set(`${country} ${code.toLowerCase()}`, code);
  }

function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

export function countryCode(text: string): string | null {
  return countries.get(fold(text)) ?? null;
}

/**
 * `US-NY-10001` from what columns say; null when they say nothing. A state or postal code without a country belongs to
 * `defaultCountry`.
 */
export function addressRegion(
  parts: { region?: string; country?: string; state?: string; postalCode?: string },
  defaultCountry: string,
): string | null {
  const whole = parts.region?.trim().toUpperCase() ?? '';
  if (
    /^[A-Z]{2}(-[A-Z0-9]{1,3})?(-[A-Z0-9 ]{2,10})?$/.test(whole) &&
    countries.has(whole.slice(0, 2).toLowerCase())
  )
    return whole;
  const state = parts.state?.trim() || parts.region?.trim() || '';
  const postal = parts.postalCode?.trim().toUpperCase() ?? '';
  const named = parts.country ? countryCode(parts.country) : parts.region ? countryCode(parts.region) : null;
  if (!named && !state && !postal) return null;
  const country = named ?? defaultCountry;
  const code =
    states.get(`${country} ${fold(state)}`) ??
    (/^[A-Z]{2}-[A-Z0-9]{1,3}$/i.test(state) ? state.slice(3).toUpperCase() : '');
  const place = [country, code].filter(Boolean).join('-');
  const usable = /^[A-Z0-9][A-Z0-9 -]{1,9}$/.test(postal) ? postal : '';
  return (usable ? `${place}-${usable}` : place).slice(0, 40);
}
