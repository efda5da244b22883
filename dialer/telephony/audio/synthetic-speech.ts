import { Readable } from 'node:stream';
import { bytesPerSample, wavHeader } from './wav.ts';

const sampleRate = 8000;
const turnSeconds = 2.4;
const syllablesPerSecond = 4;
/** Pitches of the two who take turns, in hertz. */
const voices = [118, 205];
const harmonics = [0.5, 0.32, 0.22, 0.12, 0.08];
/** One turn of each voice; then it begins again, and a recording of any length costs no more than its bytes. */
const roundSamples = voices.length * turnSeconds * sampleRate;
const lilts = 40;

/** A WAV file of two voices taking turns, made of tones with the rhythm of speech. The same name sounds the same. */
export function speechWav(name: string, durationMs: number): Readable {
  const samples = Math.round((durationMs * sampleRate) / 1000);
  return Readable.from(fileParts(name, samples), { objectMode: false });
}

function* fileParts(name: string, samples: number): Generator<Buffer> {
  yield wavHeader(sampleRate, samples);
  const round = roundOf([...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % lilts);
  for (let left = samples * bytesPerSample; left > 0; left -= round.length) yield round.subarray(0, left);
}

const rounds = new Map<number, Buffer>();

function roundOf(lilt: number): Buffer {
  const made = rounds.get(lilt);
  if (made) return made;
  const round = Buffer.alloc(roundSamples * bytesPerSample);
  for (let i = 0; i < roundSamples; i++)
    round.writeInt16LE(Math.round(12_000 * voiceAt(i / sampleRate, lilt)), i * bytesPerSample);
  rounds.set(lilt, round);
  return round;
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
