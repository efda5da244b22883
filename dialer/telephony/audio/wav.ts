/** 16-bit mono PCM in a RIFF file. */
export const bytesPerSample = 2;
const headerBytes = 44;

export function wavHeader(sampleRate: number, samples: number): Buffer {
  const dataBytes = samples * bytesPerSample;
  const header = Buffer.alloc(headerBytes);
  header.write('RIFF', 0);
  header.writeUInt32LE(headerBytes - 8 + dataBytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * bytesPerSample, 28);
  header.writeUInt16LE(bytesPerSample, 32);
  header.writeUInt16LE(bytesPerSample * 8, 34);
  header.write('data', 36);
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

export interface Wav {
  sampleRate: number;
  channels: number;
  samples: Int16Array;
}

/** Reads 16-bit PCM; also a file whose writer was stopped before it put the lengths in. @throws Error when it is no such file. */
export function readWav(file: Buffer): Wav {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    throw new Error('This is no WAV file.');
  let sampleRate = 0;
  let channels = 0;
  for (let at = 12; at + 8 <= file.length;) {
    const id = file.toString('latin1', at, at + 4);
    const length = file.readUInt32LE(at + 4);
    const body = at + 8;
    if (id === 'fmt ') {
      if (file.readUInt16LE(body) !== 1 || file.readUInt16LE(body + 14) !== 16)
        throw new Error('This WAV file is not 16-bit PCM.');
      channels = file.readUInt16LE(body + 2);
      sampleRate = file.readUInt32LE(body + 4);
    } else if (id === 'data') {
      const end = length === 0 ? file.length : Math.min(body + length, file.length);
      const samples = new Int16Array(Math.floor((end - body) / bytesPerSample));
      for (let i = 0; i < samples.length; i++) samples[i] = file.readInt16LE(body + i * bytesPerSample);
      return { sampleRate, channels, samples };
    }
    at = body + length + (length % 2);
  }
  throw new Error('This WAV file has no sound in it.');
}

/** Root mean square of the samples, 0 (silence) to 1. */
export function loudness(samples: Int16Array): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  for (const sample of samples) sum += (sample / 32768) ** 2;
  return Math.sqrt(sum / samples.length);
}

/** A WAV file of these samples, mono. */
export function encodeWav(samples: Int16Array, sampleRate: number): Buffer {
  const data = Buffer.alloc(samples.length * bytesPerSample);
  samples.forEach((sample, index) => data.writeInt16LE(sample, index * bytesPerSample));
  return Buffer.concat([wavHeader(sampleRate, samples.length), data]);
}

/**
 * Another sampling rate. Going down, each new sample is the mean over the time it stands for, which takes away most
 * of what the lower rate could not carry.
 */
export function resample(samples: Int16Array, from: number, to: number): Int16Array {
  if (from === to) return samples;
  const step = from / to;
  const result = new Int16Array(Math.floor(samples.length / step));
  for (let i = 0; i < result.length; i++) {
    const start = Math.floor(i * step);
    const end = Math.max(start + 1, Math.min(samples.length, Math.floor((i + 1) * step)));
    let sum = 0;
    for (let at = start; at < end; at++) sum += samples[at] ?? 0;
    result[i] = Math.round(sum / (end - start));
  }
  return result;
}
