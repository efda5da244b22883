import type { CustomerFields } from './customer.ts';

/** As long as the column; a longer part is found by its beginning and then checked. */
export const termLength = 16;
/** Shorter ends of Latin words and numbers are noise. */
const shortestSuffix = 2;

/** What most names and all ids are; the way of all other scripts takes several times as long. */
const ascii = /^[\0-\x7f]*$/;

const letters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
};

/** Case, diacritics and width made alike: `ＭÜLLER` is `muller`. Scripts other than Latin, Greek and Cyrillic keep their marks. */
export function fold(text: string): string {
  if (ascii.test(text)) return text.toLowerCase().replace(/['`]/g, '');
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[ßæœøđðłþı]/g, (letter) => letters[letter]!)
    .replace(/['’ʼ`´]/g, '');
}

/** The words of a folded text: runs of letters and digits. */
export function wordsOf(folded: string): string[] {
  return folded.split(ascii.test(folded) ? /[^A-Za-z0-9]+/ : /[^\p{L}\p{N}\p{M}]+/u).filter(Boolean);
}

const ideographic = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

type Searchable = Pick<CustomerFields, 'name' | 'externalId' | 'company'> & {
  readonly phones: readonly { readonly e164: string }[];
};

const digitsOf = (e164: string): string => e164.replace(/\D/g, '');

function wordsOfCustomer(customer: Searchable): string[] {
  const words = [customer.name, customer.company, customer.externalId].flatMap((text) =>
    text ? wordsOf(fold(text)) : [],
  );
  return [...words, ...customer.phones.map(({ e164 }) => digitsOf(e164))];
}

/** Every suffix of every word and number of a customer, cut to `termLength`. */
export function termsOf(customer: Searchable): string[] {
  const terms = new Set<string>();
  for (const word of wordsOfCustomer(customer)) {
    const characters = [...word];
    characters.forEach((character, from) => {
      const left = characters.length - from;
      if (from === 0 || left >= shortestSuffix || ideographic.test(character))
        terms.add(characters.slice(from, from + termLength).join(''));
    });
  }
  return [...terms];
}

/** All that can be found of a customer, in one line. */
export function searchTextOf(customer: Searchable): string {
  const text = wordsOfCustomer(customer).join(' ');
  return text.length <= 700 ? text : [...text].slice(0, 700).join('');
}

/**
 * The words that all must be found. A query of nothing but digits and their punctuation is one number, however it is
 * grouped; the trunk zero and the `00` of the country code are not part of what is stored.
 */
export function queryWords(query: string): string[] {
  const folded = fold(query.slice(0, 200)).trim();
  if (/^[\d\s()+./-]+$/.test(folded)) {
    const digits = folded.replace(/\(0\)/g, '').replace(/\D/g, '');
    const bare = digits.replace(/^0+(?=\d{3})/, '');
    return bare === '' ? [] : [bare];
  }
  return [...new Set(wordsOf(folded))].slice(0, 8);
}
