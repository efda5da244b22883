import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createMp3Encoder } from 'wasm-media-encoders';
import { openWav } from './wav-file.ts';

/** The thread in which sound becomes MP3, so that calls and pages of the process do not wait. */
export interface Mp3Task {
  readonly file: string;
}
export type Mp3Word = { part: Uint8Array } | { done: true } | { refused: 'no-sound' };

/** Enough for two voices on a telephone line; a third of an hour is 3.6 MB. */
const bitrate = 24;
/** Sampling rates that MP3 has; others are none of a switch. */
const rates = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000];
/** Parts on their way to whoever downloads: a slow one is waited for. */
const mostUnderway = 8;
const behind = 10;
const lowestPriority = 19;

const say = (word: Mp3Word): void => parentPort!.postMessage(word);

if (process.platform === 'linux')
  try {
    setPriority(Math.min(lowestPriority, getPriority() + behind));
  } catch {
    // Where it is not allowed, it is done at the common priority.
  }

let underway = 0;
let taken = (): void => {};
parentPort!.on('message', () => {
  underway--;
  taken();
});

async function give(part: Uint8Array): Promise<void> {
  if (part.length === 0) return;
  say({ part: part.slice() });
  underway++;
  while (underway >= mostUnderway) await new Promise<void>((resolve) => (taken = resolve));
}

async function encode({ file }: Mp3Task): Promise<void> {
  const wav = await openWav(file);
  if (!wav || wav.channels > 2 || !rates.includes(wav.sampleRate)) return say({ refused: 'no-sound' });
  const channels = wav.channels === 2 ? 2 : 1;
  const encoder = await createMp3Encoder();
  encoder.configure({ sampleRate: wav.sampleRate, channels, bitrate: bitrate * channels });
  for await (const part of wav.parts()) {
    const voices = Array.from({ length: channels }, (_, voice) => {
      const floats = new Float32Array(part.length / channels);
      for (let i = 0; i < floats.length; i++) floats[i] = part[i * channels + voice]! / 32_768;
      return floats;
    });
    await give(encoder.encode(voices));
  }
  await give(encoder.finalize());
  await wav.close();
  say({ done: true });
}

await encode(workerData as Mp3Task);
parentPort!.close();
