import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Speech } from './speech.ts';

/** Sounds that are made of words while the product runs: a campaign's identification message, for example. */
export interface SpokenSounds {
  /** The media URI to play for these words, which are spoken and stored at the first asking. @throws SpeechError */
  mediaFor(text: string, language: string): Promise<string>;
}

/**
 * How a switch gets at the files of `folder`, given a file's name without its ending.
 * A switch on this machine: `(name) => 'sound:ringwise/spoken/' + name`, with that folder among its sounds.
 * One elsewhere: `overHttp(address)`, with the folder served at that address.
 */
export type Publish = (name: string) => string;

export function createSpokenSounds(speech: Speech, folder: string, publish: Publish): SpokenSounds {
  const underWay = new Map<string, Promise<void>>();
  const make = async (text: string, language: string, path: string) => {
    await mkdir(folder, { recursive: true });
    await writeFile(`${path}.new`, await speech.speak(text, language));
    await rename(`${path}.new`, path);
  };
  return {
    async mediaFor(text, language) {
      const name = createHash('sha256').update(`${language}\n${text}`).digest('hex');
      const path = join(folder, `${name}.wav`);
      if (!existsSync(path)) {
        const making = underWay.get(name) ?? make(text, language, path);
        underWay.set(name, making);
        await making.finally(() => underWay.delete(name));
      }
      return publish(name);
    },
  };
}

/**
 * For a switch that fetches sounds by HTTP (res_http_media_cache). Asterisk does not play a sound whose address is
 * shorter than the path of its copy in the cache (asterisk issue 444): the 64 digits of the name see to that.
 */
export function overHttp(address: string): Publish {
  const base = address.replace(/\/+$/, '');
  return (name) => `sound:${base}/${name}.wav`;
}
