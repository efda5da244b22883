import { chooseLanguage, fieldsOf, mergeScript, mergeValues, type Customer } from '../../crm/index.ts';
import type { Campaign } from '../../campaigns/campaigns/index.ts';

export interface ScriptStep {
  heading: string | null;
  paragraphs: ScriptPart[][];
}

/** Text to be spoken, or a field that nothing is known for: shown as what to ask, never as a hole in a sentence. */
export type ScriptPart = { text: string } | { gap: string };

export interface ScriptView {
  title: string;
  language: string | null;
  steps: ScriptStep[];
}

/**
 * The campaign's script for this customer with its fields filled in: in the customer's language, else the agent's.
 * `nameOf` says in the agent's words what a field is about.
 */
export function scriptView(
  campaign: Campaign | null,
  customer: Customer | null,
  said: { agent: string; phone: string },
  reader: { locale: string; nameOf(field: string): string },
): ScriptView {
  const texts = campaign?.script ?? {};
  const language = chooseLanguage(texts, customer?.language ?? reader.locale);
  const title = campaign?.name ?? '';
  if (!language || !campaign) return { title, language: null, steps: [] };
  const text = texts[language] ?? '';
  const values = mergeValues(customer ?? unknownCustomer, { ...said, campaign: campaign.name });
  if (!values.salutation) values.salutation = neutralAddress(language);
  for (const field of fieldsOf(text)) values[field] ||= `${gapMark}${reader.nameOf(field)}${gapMark}`;
  return { title, language, steps: stepsOf(mergeScript(text, values)) };
}

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

/**
 * A line that begins with `#` opens a step under that heading; a line of three dashes opens one without. Blank lines
 * part paragraphs. A script without either is one step.
 */
export function stepsOf(text: string): ScriptStep[] {
  const steps: { heading: string | null; lines: string[] }[] = [{ heading: null, lines: [] }];
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    const heading = /^#{1,3}\s+(.*\S)\s*$/.exec(line)?.[1];
    if (heading !== undefined) steps.push({ heading, lines: [] });
    else if (/^-{3,}\s*$/.test(line)) steps.push({ heading: null, lines: [] });
    else steps.at(-1)!.lines.push(line);
  }
  return steps
    .map(({ heading, lines }) => ({ heading, paragraphs: paragraphsOf(lines) }))
    .filter(({ heading, paragraphs }) => heading !== null || paragraphs.length > 0);
}

function paragraphsOf(lines: readonly string[]): ScriptPart[][] {
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter(Boolean)
    .map(partsOf);
}

function partsOf(paragraph: string): ScriptPart[] {
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
