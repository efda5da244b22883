import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdMusic } from '../audio/hold-music.ts';
import type { Speech } from '../speech.ts';

/** What an abandoned customer hears where the firm has given no words or file of its own. */
const identification: Readonly<Record<string, string>> = {
  en: 'Hello. We called you just now, but all our agents are busy. We are sorry for the trouble. To be called no more, press nine.',
  zh: '您好。我们刚才给您打了电话，但是现在所有的客服都在忙。很抱歉打扰您。如果您不想再接到我们的电话，请按九。',
};

/** `sound:ringwise/NAME`: where the product's sounds are, below Asterisk's folder of sounds. */
export const soundsPrefix = 'sound:ringwise/';

/** The identification message that `setup` has put on the switch, in the language nearest to the one asked for. */
export function usualIdentification(language: string): string {
  return `${soundsPrefix}identification-${language.startsWith('zh') ? 'zh' : 'en'}`;
}

/**
 * Puts the product's sounds into `folder` (Asterisk's `sounds/ringwise`): hold music, and the identification
 * message in each language, spoken where no file is given. What is there already stays, unless a file is given.
 */
export async function installSounds(
  folder: string,
  speech: Speech | null,
  given: Readonly<Record<string, string>> = {},
): Promise<void> {
  mkdirSync(join(folder, 'hold-music'), { recursive: true });
  const music = join(folder, 'hold-music', 'calm.wav');
  if (!existsSync(music)) writeFileSync(music, holdMusic());
  for (const [language, words] of Object.entries(identification)) {
    const target = join(folder, `identification-${language}.wav`);
    const source = given[language];
    if (source) copyFileSync(source, target);
    else if (speech && !existsSync(target)) writeFileSync(target, await speech.speak(words, language));
  }
}
