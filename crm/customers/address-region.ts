import { isCountry } from './phone-number.ts';
import { countryCode, isSubdivision, namesParts, stateCode } from './place-names.ts';
import { stateOfPostalCode } from './postal-states.ts';

/** Where an address is, as far as time zones and law go. It is kept as text: `US-NY-10001`, `US-10001`, `CN-31`, `TW`. */
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

/**
 * `US-NY-10001` from what the columns of a file say; null when they say nothing. A state or postal code without a
 * country belongs to `defaultCountry`: there its own states come before countries of the same letters.
 */
export function addressRegion(
  parts: { region?: string; country?: string; state?: string; postalCode?: string },
  defaultCountry: string,
): string | null {
  const region = parts.region?.trim() ?? '';
  const named = parts.country ? countryCode(parts.country) : null;
  const isHome = !named && isStateOf(defaultCountry, region);
  const whole = isHome ? null : wholeRegion(region);
  if (whole && (!named || named === whole.slice(0, 2))) return whole;
  const other = isHome ? null : countryCode(region);
  const state = parts.state?.trim() || (other && (!named || named === other) ? '' : region);
  const postal = parts.postalCode?.trim().toUpperCase() ?? '';
  if (!named && !other && !state && !postal) return null;
  const country = named ?? other ?? defaultCountry;
  const place = partOf(country, state);
  return written(country, place.state, isPostal(postal) ? postal : place.postal);
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
  return { ok: true, region: written(country, place.state, place.postal) };
}

/**
 * A region that another system sends as one text, which begins with the country. `at` is the country that its caller
 * speaks of: letters that are a state there too are nobody's guess.
 */
export function readRegion(text: string, at: { named: string | null; usual: string }): RegionReading {
  const whole = text.trim().toUpperCase();
  const country = whole.slice(0, 2);
  if (!isCountry(country) || !['', '-'].includes(whole.charAt(2)))
    return { ok: false, problem: 'regionWithoutCountry' };
  if (at.named !== country && isStateOf(at.named ?? at.usual, whole))
    return { ok: false, problem: 'regionAmbiguous' };
  return readPlace(country, whole.slice(3));
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
  if (isSubdivision(country, plain)) return { state: plain, postal: '' };
  const [, head = '', mark, rest = ''] = /^([A-Z0-9]{1,3})([- ])[- ]*(.+)$/.exec(plain) ?? [];
  // 110 00 is one postal code, 31-200000 a province and one.
  if (isSubdivision(country, head) && isPostal(rest) && !(mark === ' ' && /\d/.test(head)))
    return { state: head, postal: rest };
  return isPostal(plain) ? { state: '', postal: plain } : null;
}

/** What a column says of the part of a country: where its parts are not named here, only a code with the country. */
function partOf(country: string, text: string): Within {
  const coded = text.toUpperCase().startsWith(`${country}-`) ? text.slice(3) : null;
  return (coded || namesParts(country) ? within(country, coded ?? text) : null) ?? nowhere;
}

function isPostal(text: string): boolean {
  return text.length <= longestPostal && /^[A-Z0-9][A-Z0-9 -]+$/.test(text) && /\d/.test(text);
}

/** `US-NY`, `US-NY-10001`, `JP-13` … as a file may give them in one column. */
function wholeRegion(region: string): string | null {
  const text = region.toUpperCase();
  const known = /^[A-Z]{2}(-[A-Z0-9]{1,3})?(-[A-Z0-9 ]{2,10})?$/.test(text) && isCountry(text.slice(0, 2));
  return known && text.length > 2 ? text : null;
}

/** A state by letters or name, or with the postal code of the same: of no other country, whatever its letters. */
function isStateOf(country: string, text: string): boolean {
  if (stateCode(country, text)) return true;
  const place = within(country, text);
  return Boolean(place?.state && place.postal && stateOfPostalCode(country, place.postal) === place.state);
}

function written(country: string, state: string, postal: string): string {
  return [country, state, postal].filter(Boolean).join('-').slice(0, 40);
}
