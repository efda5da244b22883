import type { Identification } from '../../campaigns/index.ts';
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

/** Has a campaign's own words spoken ahead of need. */
export function prepareIdentification(library: PromptLibrary, { words }: Identification): void {
  for (const [language, text] of Object.entries(words))
    if (text.trim()) library.prepare(text.trim(), language);
}
