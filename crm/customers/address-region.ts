import { isCountry } from './phone-number.ts';
import { countryCode, namesParts, partCode, placeNamed, stateBefore, stateCode } from './place-names.ts';
import { stateOfPostalCode } from './postal-states.ts';

/** Where an address is, as far as time zones and law go. It is kept as text: `US-NY-10001`, `US-10001`, `CN-SH`, `TW`. */
export interface AddressRegion {
  readonly country: string;
  /** ISO 3166-2 without the country; by the postal code where only that is known. */
  readonly subdivision: string | null;
  readonly postalCode: string | null;
}

const longestPostal = 10;

/** Reads a region as it is kept; null when there is no country in it. */
export function parseAddressRegion(text: string | null | undefined): AddressRegion | null {
  const whole = (text ?? '').trim().toUpperCase();
  const country = whole.slice(0, 2);
  if (!/^[A-Z]{2}$/.test(country) || !['', '-'].includes(whole.charAt(2))) return null;
  const { state, postal } = within(country, whole.slice(3)) ?? nowhere;
  const postalCode = postal.replace(/[\s-]/g, '') || null;
  return {
    country,
    subdivision: state || (postalCode && stateOfPostalCode(country, postalCode)),
    postalCode,
  };
}

export interface RegionParts {
  readonly region?: string | undefined;
  readonly country?: string | undefined;
  readonly state?: string | undefined;
  readonly postalCode?: string | undefined;
}

export interface AddressReading {
  /** `US-NY-10001`; null when the parts say nothing. */
  readonly region: string | null;
  /** Of which nobody here knows where it is. */
  readonly unread: readonly (keyof RegionParts)[];
  /** Which say more than the region keeps: the city behind a province. */
  readonly more: readonly (keyof RegionParts)[];
}

/**
 * What the columns of a file, or another system, say of where somebody is. A state or postal code without a country
 * belongs to `defaultCountry`: there its own states come before countries of the same letters.
 */
export function readAddress(parts: RegionParts, defaultCountry: string): AddressReading {
  const given = (part: keyof RegionParts) => parts[part]?.trim() ?? '';
  const unread: (keyof RegionParts)[] = [];
  const region = given('region');
  const named = countryCode(given('country'));
  if (given('country') && !named) unread.push('country');
  const isHome = !named && isStateOf(defaultCountry, region);
  const whole = isHome ? null : wholeRegion(region);
  if (whole && (!named || named === whole.slice(0, 2))) return { region: whole, unread, more: [] };
  const begins = isHome ? null : countryBefore(region);
  if (begins && (!named || named === begins))
    return { region: begins, unread: [...unread, 'region'], more: [] };
  const other = isHome ? null : countryCode(region);
  const isOther = other !== null && (!named || named === other);
  const from = given('state') ? 'state' : 'region';
  const state = isOther && from === 'region' ? '' : given(from);
  const postal = given('postalCode').toUpperCase();
  const hasPostal = isPostal(postal);
  if (postal && !hasPostal) unread.push('postalCode');
  if (!named && !other && !state && !postal) return { region: null, unread, more: [] };
  const usual = named ?? other ?? defaultCountry;
  const place = placeIn(usual, state, named === null && other === null);
  if (state && !place) unread.push(from);
  if (from === 'state' && region && !isOther && !partOf(usual, region)) unread.push('region');
  const { country, state: code, postal: behind } = place ?? { country: usual, ...nowhere };
  return {
    region: written(country, code, hasPostal ? postal : behind),
    unread,
    more: place?.more ? [from] : [],
  };
}

/** Where a state is, by what a column calls it; elsewhere only by a name in Chinese that no other place has. */
function placeIn(
  usual: string,
  state: string,
  isGuess: boolean,
): (Within & { country: string; more: boolean }) | null {
  const here = partOf(usual, state);
  if (here) return { ...own(usual, here), more: false };
  for (const country of isGuess ? [usual, 'CN'] : [usual]) {
    const before = stateBefore(country, state);
    if (before) return { ...own(country, { state: before, postal: '' }), more: true };
  }
  const named = isGuess && /^\p{Script=Han}/u.test(state) ? placeNamed(state) : null;
  // A name in Chinese for a place elsewhere may be a direction: 西北地区 is also Canada's.
  return named && /^(?:CN|TW)-/.test(named)
    ? { country: named.slice(0, 2), state: named.slice(3), postal: '', more: false }
    : null;
}

/** Parts of a country that have a code of their own, and laws and a calling code as well. */
const apart: Readonly<Record<string, readonly string[]>> = { CN: ['HK', 'MO', 'TW'] };

function own(country: string, place: Within): Within & { country: string } {
  return apart[country]?.includes(place.state)
    ? { country: place.state, state: '', postal: place.postal }
    : { country, ...place };
}

export type RegionReading =
  | { readonly ok: true; readonly region: string | null }
  /** Words in `crm:errors.<problem>`. */
  | { readonly ok: false; readonly problem: 'regionWithoutCountry' | 'regionAmbiguous' | 'regionUnknown' };

/** A place that somebody chose and typed: its country, and what is behind it. Nothing that was typed is left out. */
export function readPlace(country: string, rest: string): RegionReading {
  if (!isCountry(country)) {
    if (rest.trim() === '' && country === '') return { ok: true, region: null };
    return { ok: false, problem: 'regionWithoutCountry' };
  }
  const place = within(country, rest);
  if (!place) return { ok: false, problem: 'regionUnknown' };
  const there = own(country, place);
  return { ok: true, region: written(there.country, there.state, there.postal) };
}

/**
 * A region that another system sends as one text, which begins with the country, or is the name of a place. `at` is
 * the country that its caller speaks of: letters that are a state there too are nobody's guess.
 */
export function readRegion(text: string, at: { named: string | null; usual: string }): RegionReading {
  const whole = text.trim().toUpperCase();
  const country = whole.slice(0, 2);
  if (isCountry(country) && ['', '-'].includes(whole.charAt(2))) {
    if (at.named !== country && isStateOf(at.named ?? at.usual, whole))
      return { ok: false, problem: 'regionAmbiguous' };
    return readPlace(country, whole.slice(3));
  }
  if ((whole.length < 4 && /^[A-Z0-9]*$/.test(whole)) || /\d/.test(whole))
    return { ok: false, problem: 'regionWithoutCountry' };
  const { region, unread, more } = readAddress({ region: text }, at.named ?? at.usual);
  return unread.length + more.length > 0 ? { ok: false, problem: 'regionUnknown' } : { ok: true, region };
}

interface Within {
  readonly state: string;
  readonly postal: string;
}
const nowhere: Within = { state: '', postal: '' };

/** What stands behind a country: `NY-10001`, `NY 10001`, `New York`, `10001`, `31`; null when it makes no sense. */
function within(country: string, text: string): Within | null {
  const plain = text.trim().toUpperCase();
  if (plain === '') return nowhere;
  const alone = stateCode(country, plain);
  if (alone) return { state: alone, postal: '' };
  const code = partCode(country, plain);
  if (code) return { state: code, postal: '' };
  const [, head = '', mark, rest = ''] = /^([A-Z0-9]{1,3})([- ])[- ]*(.+)$/.exec(plain) ?? [];
  const first = partCode(country, head);
  // 110 00 is one postal code, 31-200000 a province and one.
  if (first && isPostal(rest) && !(mark === ' ' && /\d/.test(head))) return { state: first, postal: rest };
  const named = /^(\P{N}+)[- ]+(\S*\d.*)$/u.exec(plain) ?? /^(\P{N}+)[- ]+([A-Z]\d.*)$/u.exec(plain);
  const state = named && stateCode(country, named[1]!);
  if (state && isPostal(named[2]!)) return { state, postal: named[2]! };
  return isPostal(plain) ? { state: '', postal: plain } : null;
}

/** What a column says of the part of a country: where its parts are not named here, only a code with the country. */
function partOf(country: string, text: string): Within | null {
  if (text === '') return nowhere;
  const coded = text.toUpperCase().startsWith(`${country}-`) ? text.slice(3) : null;
  if (coded !== null || namesParts(country)) return within(country, coded ?? text);
  const state = stateCode(country, text);
  return state === null ? null : { state, postal: '' };
}

function isPostal(text: string): boolean {
  return text.length <= longestPostal && /^[A-Z0-9][A-Z0-9 -]+$/.test(text) && /\d/.test(text);
}

/** `US-NY`, `US-NY-10001`, `JP-13`, `CN-上海` … as a file may give them in one column. */
function wholeRegion(region: string): string | null {
  const country = countryBefore(region);
  const place = country && within(country, region.slice(3));
  if (!country || !place) return null;
  const there = own(country, place);
  return written(there.country, there.state, there.postal);
}

function countryBefore(region: string): string | null {
  const country = /^([A-Z]{2})-./.exec(region.toUpperCase())?.[1] ?? '';
  return isCountry(country) ? country : null;
}

/** A state by letters or name, or with the postal code of the same: of no other country, whatever its letters. */
function isStateOf(country: string, text: string): boolean {
  const code = stateCode(country, text);
  if (code) return !apart[country]?.includes(code);
  const place = within(country, text);
  return Boolean(place?.state && place.postal && stateOfPostalCode(country, place.postal) === place.state);
}

function written(country: string, state: string, postal: string): string {
  return [country, state, postal].filter(Boolean).join('-').slice(0, 40);
}
