import { chooseLanguage, mergeScript, mergeValues, type Customer } from '../../crm/index.ts';
import type { Campaign } from '../../campaigns/campaigns/index.ts';

export interface ScriptStep {
  heading: string | null;
  paragraphs: string[];
}

export interface ScriptView {
  title: string;
  language: string | null;
  steps: ScriptStep[];
}

/** The campaign's script for this customer, in the customer's language, with its fields filled in. */
export function scriptView(
  campaign: Campaign | null,
  customer: Customer | null,
  said: { agent: string; phone: string },
): ScriptView {
  const texts = campaign?.script ?? {};
  const language = chooseLanguage(texts, customer?.language ?? null);
  const title = campaign?.name ?? '';
  if (!language || !campaign) return { title, language: null, steps: [] };
  const values = mergeValues(customer ?? unknownCustomer, { ...said, campaign: campaign.name });
  return { title, language, steps: stepsOf(mergeScript(texts[language] ?? '', values)) };
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

function paragraphsOf(lines: readonly string[]): string[] {
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter(Boolean);
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
