import {
  getCountries,
  parsePhoneNumberFromString,
  validatePhoneNumberLength,
  type CountryCode,
  type PhoneNumber,
} from 'libphonenumber-js/max';
import type { PhoneType } from './customer.ts';
import { isPlain, readPlain } from './plain-number.ts';

/** Why a text is no number that can be called. Words in `crm:phoneProblems.<code>`. */
export const phoneProblems = [
  'missing',
  /** 1.38E+10: a spreadsheet has rounded it; the last digits are gone. */
  'rounded-by-spreadsheet',
  'not-a-number',
  'too-short',
  'too-long',
  /** It has the length of one, but no such number is given out. */
  'not-assigned',
  /** 00 before a number of the own country: it reads as one of another. */
  'zeros-before-national',
  'unknown-country',
] as const;
export type PhoneProblem = (typeof phoneProblems)[number];

export type PhoneReading =
  | { readonly ok: true; readonly e164: string; readonly type: PhoneType }
  | { readonly ok: false; readonly problem: PhoneProblem };

const countries = new Set<string>(getCountries());

const anyCountry = 'US';

export function isCountry(code: string): code is CountryCode {
  return countries.has(code);
}

/**
 * Reads a number as people and spreadsheets write it, for the country it is local to. Numbers with `+`, `00` or a
 * country code without either are taken as international where they make sense as such.
 */
export function readPhone(text: string, country: string): PhoneReading {
  const given = text.normalize('NFKC').trim().replace(/^'/, '').trim();
  if (given === '') return { ok: false, problem: 'missing' };
  const scientific = /^([+-]?)(\d)[.,]?(\d*)e\+?(\d{1,2})$/i.exec(given);
  const written = (scientific && wholeOf(scientific)) ?? given;
  if (/^[+-]?\d+([.,]\d+)?e[+-]?\d+$/i.test(written)) return { ok: false, problem: 'rounded-by-spreadsheet' };
  // 13800138000.0 is how some tools write a number column.
  const plain = ungrouped(written)
    .replace(/^(\d{5,})\.0+$/, '$1')
    .replace(/\(0\)/, '');
  const digits = plain.replace(/\D/g, '');
  if (digits === '' || /\p{L}{2,}/u.test(plain.replace(/\s*(ext|x|分机|分機|転)\.?\s*\d+$/iu, '')))
    return { ok: false, problem: 'not-a-number' };
  // One with its country's code is the same in every country.
  const isInternational = plain.startsWith('+') || digits.startsWith('00');
  if (!isCountry(country))
    return isInternational ? readPhone(text, anyCountry) : { ok: false, problem: 'unknown-country' };
  for (const attempt of readings(plain, digits)) {
    const quick = isPlain(attempt) ? readPlain(attempt, country) : 'unsure';
    if (quick === 'invalid') continue;
    if (quick !== 'unsure') return { ok: true, ...quick };
    const number = parsePhoneNumberFromString(attempt, country);
    if (number?.isValid()) return { ok: true, e164: number.number, type: typeOf(number) };
  }
  return { ok: false, problem: problemOf(plain, digits, country) };
}

/**
 * 1.3800138009E+10 has every digit of its number. With fewer nobody knows whether zeros were left out or digits rounded
 * away; null then.
 */
function wholeOf([, sign = '', first = '', rest = '', exponent]: readonly string[]): string | null {
  const length = Number(exponent);
  if (sign === '-' || rest.length < length || /[1-9]/.test(rest.slice(length))) return null;
  return `${sign === '+' ? '+' : ''}${first}${rest.slice(0, length)}`;
}

/** How the text may be meant, the likeliest first. */
function readings(plain: string, digits: string): string[] {
  if (plain.startsWith('+')) return [plain];
  const international = digits.startsWith('00') ? [`+${digits.replace(/^0+/, '')}`] : [];
  return [plain, ...international, ...(digits.length >= 10 && !digits.startsWith('0') ? [`+${digits}`] : [])];
}

function problemOf(plain: string, digits: string, country: CountryCode): PhoneProblem {
  if (digits.length > 15) return 'too-long';
  const number = parsePhoneNumberFromString(plain, country);
  if (!number) return digits.length < 7 ? 'too-short' : 'unknown-country';
  const isValid = (text: string) => parsePhoneNumberFromString(text, country)?.isValid() ?? false;
  if (digits.startsWith('00') && !plain.startsWith('+') && isValid(digits.replace(/^0+/, '')))
    return 'zeros-before-national';
  if (!number.isPossible())
    return validatePhoneNumberLength(plain, country) === 'TOO_SHORT' ? 'too-short' : 'too-long';
  // Where numbers have several lengths, a digit more or less than a good one is likelier than a number of that length.
  const whole = number.number;
  if (isValid(whole.slice(0, -1))) return 'too-long';
  return isValid(`${whole}0`) ? 'too-short' : 'not-assigned';
}

/** 13,950,002,001 is how a spreadsheet shows a number that it counts with. */
export function ungrouped(text: string): string {
  return /^\d{1,3}([,，]\d{3}){2,}(\.0+)?$/.test(text.trim()) ? text.replace(/[,，]/g, '') : text;
}

function typeOf(number: PhoneNumber): PhoneType {
  switch (number.getType()) {
    case 'MOBILE':
    case 'FIXED_LINE_OR_MOBILE':
      return 'mobile';
    case 'FIXED_LINE':
      return 'home';
    default:
      return 'other';
  }
}
