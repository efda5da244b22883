import { bytesPerSample, wavHeader } from './wav.ts';

const sampleRate = 8000;
const noteSeconds = 0.6;
const tailSeconds = 2.4;
/** A slow row of chords, in semitones above A3; it ends where it begins, so that it can go round and round. */
const chords = [
  [0, 4, 7, 12],
  [-3, 0, 4, 9],
  [-7, 0, 5, 9],
  [-5, 2, 7, 11],
];
const rounds = 4;

/** A WAV file with calm music for those who wait, 38 s long; made here, so nobody's rights are in it. */
export function holdMusic(): Buffer {
  const notes = Array.from({ length: rounds }, () => chords.flatMap((chord) => chord)).flat();
  const total = Math.round(notes.length * noteSeconds * sampleRate);
  const mix = new Float64Array(total);
  notes.forEach((semitones, index) => {
    const start = Math.round(index * noteSeconds * sampleRate);
    const frequency = 220 * 2 ** (semitones / 12);
    for (let i = 0; i < tailSeconds * sampleRate; i++) {
      const at = (start + i) % total;
      mix[at] = (mix[at] ?? 0) + pluck(frequency, i / sampleRate);
    }
  });
  const data = Buffer.alloc(total * bytesPerSample);
  mix.forEach((value, index) => data.writeInt16LE(Math.round(4500 * value), index * bytesPerSample));
  return Buffer.concat([wavHeader(sampleRate, total), data]);
}

function pluck(frequency: number, second: number): number {
  const attack = Math.min(1, second / 0.02);
  const tone = Math.sin(2 * Math.PI * frequency * second) + 0.3 * Math.sin(4 * Math.PI * frequency * second);
  return attack * Math.exp(-1.8 * second) * tone;
}
