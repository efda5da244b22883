import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../core/log/log.ts';
import { encodeWav } from '../telephony/audio/wav.ts';
import type { Speech } from '../telephony/speech.ts';

export interface PromptLibrary {
  /** Begins to speak these words unless their sound is there. */
  prepare(words: string, language: string): void;
  /** Media URI of the sound of these words; null while there is none. */
  mediaOf(words: string, language: string): string | null;
  /** Resolves when nothing is being spoken. */
  idle(): Promise<void>;
}

/** `<64 hex digits>.wav` below the data folder. Whoever knows the name knows the words. */
export const promptFile = /^[0-9a-f]{64}\.wav$/;

export function promptFolder(dataDir: string): string {
  return join(dataDir, 'prompts');
}

/**
 * Words of campaigns as sound files, spoken once and named by what they say. The switch fetches them from the web
 * process (`/prompts/…`), so it need not share a disk with it.
 */
export function createPromptLibrary(
  place: { dataDir: string; publicUrl: string },
  parts: { speech: Speech; log: Logger },
): PromptLibrary {
  const speaking = new Map<string, Promise<void>>();
  const failed = new Set<string>();
  const nameOf = (words: string, language: string) =>
    `${createHash('sha256').update(`${language}\n${words}`).digest('hex')}.wav`;
  const pathOf = (name: string) => join(promptFolder(place.dataDir), name);

  async function speak(name: string, words: string, language: string): Promise<void> {
    try {
      const sound = await parts.speech.speak(words, language);
      await mkdir(promptFolder(place.dataDir), { recursive: true });
      const draft = `${pathOf(name)}.${process.pid}`;
      await writeFile(draft, sound);
      await rename(draft, pathOf(name));
    } catch (error) {
      failed.add(name);
      parts.log.warn(
        { language, error: String(error) },
        'a message could not be spoken; the standard one is used',
      );
    }
  }

  return {
    prepare(words, language) {
      const name = nameOf(words, language);
      if (speaking.has(name) || failed.has(name) || existsSync(pathOf(name))) return;
      const work = speak(name, words, language).finally(() => speaking.delete(name));
      speaking.set(name, work);
    },
    mediaOf(words, language) {
      const name = nameOf(words, language);
      return existsSync(pathOf(name)) ? `sound:${place.publicUrl}/prompts/${name}` : null;
    },
    async idle() {
      await Promise.all(speaking.values());
    },
  };
}

const trialMs = 500;

/** Puts a short silence where campaigns' messages are, by a name that nobody has fetched yet. */
export async function putTrialPrompt(dataDir: string): Promise<{ name: string; remove(): Promise<void> }> {
  const name = `${randomBytes(32).toString('hex')}.wav`;
  const path = join(promptFolder(dataDir), name);
  await mkdir(promptFolder(dataDir), { recursive: true });
  await writeFile(path, encodeWav(new Int16Array((8_000 * trialMs) / 1_000), 8_000));
  return { name, remove: () => rm(path, { force: true }) };
}
