import {
  chooseLanguage,
  createSpeaker,
  paragraphsOf,
  type Customer,
  type SpokenPart,
} from '../../crm/index.ts';
import type { Campaign } from '../../campaigns/campaigns/index.ts';

export interface ScriptStep {
  heading: string | null;
  paragraphs: SpokenPart[][];
}

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
  const speak = createSpeaker(customer, { ...said, campaign: campaign.name }, reader.nameOf);
  return { title, language, steps: stepsOf(speak(texts[language] ?? '', language)) };
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
    .map(({ heading, lines }) => ({ heading, paragraphs: paragraphsOf(lines.join('\n')) }))
    .filter(({ heading, paragraphs }) => heading !== null || paragraphs.length > 0);
}
