import { Readable } from 'node:stream';
import { bytesPerSample, wavHeader } from './wav.ts';

const sampleRate = 8000;
const turnSeconds = 2.4;
const syllablesPerSecond = 4;
/** Pitches of the two who take turns, in hertz. */
const voices = [118, 205];
const harmonics = [0.5, 0.32, 0.22, 0.12, 0.08];
const chunkSamples = sampleRate / 2;

/** A WAV file of two voices taking turns, made of tones with the rhythm of speech. The same name sounds the same. */
export function speechWav(name: string, durationMs: number): Readable {
  const samples = Math.round((durationMs * sampleRate) / 1000);
  return Readable.from(fileParts(name, samples), { objectMode: false });
}

function* fileParts(name: string, samples: number): Generator<Buffer> {
  yield wavHeader(sampleRate, samples);
  const lilt = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 40;
  for (let from = 0; from < samples; from += chunkSamples) {
    const chunk = Buffer.alloc(Math.min(chunkSamples, samples - from) * bytesPerSample);
    for (let i = 0; i < chunk.length / bytesPerSample; i++)
      chunk.writeInt16LE(Math.round(12_000 * voiceAt((from + i) / sampleRate, lilt)), i * bytesPerSample);
    yield chunk;
  }
}

function voiceAt(second: number, lilt: number): number {
  const turn = Math.floor(second / turnSeconds);
  const intoTurn = second - turn * turnSeconds;
  if (intoTurn > turnSeconds - 0.3) return 0;
  const pitch = (voices[turn % voices.length] ?? 150) + lilt + 8 * Math.sin(2 * Math.PI * 0.7 * second);
  const envelope = Math.sin(Math.PI * syllablesPerSecond * intoTurn) ** 2;
  let sum = 0;
  harmonics.forEach((weight, index) => {
    sum += weight * Math.sin(2 * Math.PI * pitch * (index + 1) * intoTurn);
  });
  return sum * envelope;
}
