import type { Identification, MachineMessage } from '../../campaigns/index.ts';
import { chooseLanguage } from '../../crm/index.ts';
import type { PromptLibrary } from './prompt-library.ts';

/** The messages that every configured switch has, by language. */
const standard: Readonly<Record<string, string>> = {
  en: 'sound:ringwise/identification-en',
  'zh-CN': 'sound:ringwise/identification-zh-CN',
  'zh-TW': 'sound:ringwise/identification-zh-TW',
};

/** What an abandoned customer is to hear, the best first: the campaign's own words, then the standard message. */
export function identificationMedia(
  library: Pick<PromptLibrary, 'mediaOf'> | null,
  identification: Identification,
  customerLanguage: string | null,
): string[] {
  const { words } = identification;
  const own = chooseLanguage(words, customerLanguage);
  const spoken = own && library ? library.mediaOf(words[own]!.trim(), own) : null;
  const general = chooseLanguage(standard, own ?? customerLanguage) ?? 'en';
  return [...(spoken ? [spoken] : []), standard[general]!];
}

/** What an answering machine is told, in the language nearest to the customer's; null while there is no sound of it. */
export function machineMedia(
  library: Pick<PromptLibrary, 'mediaOf'>,
  { words }: MachineMessage,
  customerLanguage: string | null,
): string | null {
  const language = chooseLanguage(words, customerLanguage);
  return language ? library.mediaOf(words[language]!.trim(), language) : null;
}

/** Has a campaign's own words spoken ahead of need. */
export function prepareWords(
  library: Pick<PromptLibrary, 'prepare'>,
  { words }: { readonly words: Readonly<Record<string, string>> },
): void {
  for (const [language, text] of Object.entries(words))
    if (text.trim()) library.prepare(text.trim(), language);
}
