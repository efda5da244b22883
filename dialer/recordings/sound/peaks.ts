import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { openWav } from './wav-file.ts';

/** As many as a wide screen shows. */
const mostPeaks = 1_600;
const loudest = 32_768;

/** Beside the sound that they are of. */
export const peaksPath = (file: string): string => `${file}.peaks`;

/** The wave form of a file: how loud each piece of it is at the most, 0 to 255. Null where the file is no sound. */
export async function measurePeaks(file: string): Promise<Uint8Array | null> {
  const wav = await openWav(file);
  if (!wav) return null;
  try {
    const total = wav.samples * wav.channels;
    const count = Math.min(mostPeaks, total);
    const peaks = new Uint8Array(count);
    let at = 0;
    for await (const part of wav.parts()) {
      for (const sample of part) {
        const height = Math.min(255, Math.round((Math.abs(sample) * 255) / loudest));
        const place = Math.floor((at++ * count) / total);
        if (height > peaks[place]!) peaks[place] = height;
      }
    }
    return peaks;
  } finally {
    await wav.close();
  }
}

/**
 * The same, measured once and kept. Where it cannot be kept, as on a disk that is full, it is measured again the next
 * time. @throws what reading the file does
 */
export async function peaksOf(file: string): Promise<Uint8Array | null> {
  const kept = await readFile(peaksPath(file)).catch(() => null);
  if (kept && kept.length > 0) return kept;
  const peaks = await measurePeaks(file);
  if (!peaks) return null;
  const draft = `${peaksPath(file)}.${process.pid}.part`;
  try {
    await writeFile(draft, peaks);
    await rename(draft, peaksPath(file));
  } catch {
    await rm(draft, { force: true }).catch(() => {});
  }
  return peaks;
}
