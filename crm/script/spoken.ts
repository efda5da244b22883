import type { Customer } from '../customers/customer.ts';
import { fieldsOf, mergeScript, mergeValues } from './merge.ts';

/** Text to be spoken, or a field that nothing is known for: shown as what to ask, never as a hole in a sentence. */
export type SpokenPart = { text: string } | { gap: string };

/** Parts a filled-in script from its gaps; no text that people type holds this character. */
const gapMark = '\u0001';

const neutral: Readonly<Record<string, string>> = {
  en: 'Sir or Madam',
  'zh-CN': '先生/女士',
  'zh-TW': '先生／女士',
};

/** How to address somebody of whom nothing is known; where a language has no such words here, it stays a gap. */
function neutralAddress(language: string): string {
  return neutral[language] ?? neutral[language.split('-')[0]!] ?? '';
}

/** Fills in texts for one customer, in a language; what comes is for `paragraphsOf`. `nameOf` says what a field is about. */
export function createSpeaker(
  customer: Customer | null,
  said: { agent?: string; phone?: string; campaign?: string },
  nameOf: (field: string) => string,
) {
  const known = mergeValues(customer ?? unknownCustomer, said);
  return (text: string, language: string): string => {
    const values = { ...known };
    if (!values.salutation) values.salutation = neutralAddress(language);
    for (const field of fieldsOf(text)) values[field] ||= `${gapMark}${nameOf(field)}${gapMark}`;
    return mergeScript(text, values);
  };
}

/** Blank lines part paragraphs. */
export function paragraphsOf(text: string): SpokenPart[][] {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter(Boolean)
    .map(partsOf);
}

function partsOf(paragraph: string): SpokenPart[] {
  return paragraph
    .split(gapMark)
    .map((part, index) => (index % 2 === 0 ? { text: part } : { gap: part }))
    .filter((part) => 'gap' in part || part.text !== '');
}

/** For a number that belongs to nobody known: every field is empty. */
const unknownCustomer: Customer = {
  id: 0,
  name: '',
  salutation: null,
  externalId: null,
  language: null,
  company: null,
  email: null,
  address: null,
  addressRegion: null,
  custom: {},
  phones: [],
  tags: [],
  revision: 0,
  createdAt: 0,
  updatedAt: 0,
};
