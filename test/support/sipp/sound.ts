import { speechWav } from '../../../dialer/telephony/audio/synthetic-speech.ts';
import { readWav } from '../../../dialer/telephony/audio/wav.ts';

const rate = 8000;

/** What a person says at the phone: a short greeting, a pause long enough for machine detection, some talk. */
export async function personVoice(): Promise<Buffer> {
  const speech = await speech16(3000);
  const silence = new Int16Array(rate * 2.5);
  return muLaw([speech.subarray(0, rate * 0.6), silence, speech.subarray(0, rate * 2), silence]);
}

/** A long announcement without a pause in it. */
export async function machineVoice(): Promise<Buffer> {
  const speech = await speech16(2000);
  return muLaw(Array.from({ length: 10 }, () => speech.subarray(0, rate * 2)));
}

async function speech16(ms: number): Promise<Int16Array> {
  const parts: Buffer[] = [];
  for await (const part of speechWav('customer', ms)) parts.push(part as Buffer);
  return readWav(Buffer.concat(parts)).samples;
}

function muLaw(pieces: Int16Array[]): Buffer {
  return Buffer.concat(pieces.map((piece) => Buffer.from(Uint8Array.from(piece, encodeMuLaw))));
}

/** ITU-T G.711 μ-law. */
export function encodeMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), 32635) + 132;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}

export function decodeMuLaw(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return bits & 0x80 ? -magnitude : magnitude;
}

/** The root mean square of each 20 ms. */
export function envelopeOf(samples: Int16Array): number[] {
  const piece = rate / 50;
  return Array.from({ length: Math.floor(samples.length / piece) }, (_, n) =>
    Math.sqrt(
      samples.subarray(n * piece, (n + 1) * piece).reduce((sum, s) => sum + (s / 32768) ** 2, 0) / piece,
    ),
  );
}

/** How well a sound is found again in what was heard: the best correlation of its envelope, 1 where it is the same. */
export function likeness(heard: readonly number[], sound: readonly number[]): number {
  let best = 0;
  for (let shift = 0; shift + sound.length <= heard.length + 10; shift++)
    best = Math.max(best, correlation(heard.slice(shift, shift + sound.length), sound));
  return best;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const n = Math.min(a.length, b.length);
  const mean = (values: readonly number[]) => values.slice(0, n).reduce((sum, v) => sum + v, 0) / n;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    both += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return both / Math.sqrt(squaresA * squaresB || 1);
}
