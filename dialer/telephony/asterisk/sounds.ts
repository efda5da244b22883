import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdMusic } from '../audio/hold-music.ts';
import type { Speech } from '../speech.ts';

const words = {
  en: 'Hello. We called you just now, but all our agents are busy. We are sorry for the trouble. To be called no more, press nine.',
  zh: '您好，刚才是我们给您打的电话，现在客服都在忙，非常抱歉。不想再接到我们的电话，请按九。',
};

/** What an abandoned customer hears where the firm has given no words or file of its own, by language. */
const identification: Readonly<Record<string, string>> = {
  en: words.en,
  'zh-CN': words.zh,
  'zh-TW': words.zh,
};

/** The files of these messages in the folder of the product's sounds. */
export const identificationFiles = (): string[] =>
  Object.keys(identification).map((language) => `identification-${language}.wav`);

/** The key that it names. */
export const usualOptOutDigit = '9';

const usualPrefix = 'sound:ringwise/identification-';

/** The identification message that `setup` puts on the switch, for a language of the product (`en`, `zh-CN`, `zh-TW`). */
export function usualIdentification(language: string): string {
  return usualPrefix + language;
}

/** The message in each language that `setup` puts there. */
export const usualIdentifications = (): string[] => Object.keys(identification).map(usualIdentification);

export const isUsualIdentification = (media: string): boolean => media.startsWith(usualPrefix);

/**
 * Puts the product's sounds into `folder` (Asterisk's `sounds/ringwise`): hold music, and the identification
 * message in each language, spoken where no file is given. What is there already stays, unless a file is given.
 */
export async function installSounds(
  folder: string,
  speech: Speech | null,
  given: Readonly<Record<string, string | undefined>> = {},
): Promise<void> {
  mkdirSync(join(folder, 'hold-music'), { recursive: true });
  const music = join(folder, 'hold-music', 'calm.wav');
  if (!existsSync(music)) writeFileSync(music, holdMusic());
  const entries = Object.entries(identification);
  const targetOf = (language: string) => join(folder, `identification-${language}.wav`);
  for (const [language] of entries) if (given[language]) copyFileSync(given[language], targetOf(language));
  for (const [language, words] of entries) {
    const target = targetOf(language);
    if (speech && !existsSync(target)) writeFileSync(target, await speech.speak(words, language));
  }
}
