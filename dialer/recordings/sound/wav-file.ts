import { open, type FileHandle } from 'node:fs/promises';

const pcm = 1;
const bytesPerSample = 2;
/** Enough for all that writers put before the sound. */
const headBytes = 4_096;
const readBytes = 256 * 1024;

/** 16-bit PCM in a file that is read part by part: an hour of it does not fit into memory beside calls. */
export interface WavFile {
  readonly sampleRate: number;
  readonly channels: number;
  /** Of each channel. */
  readonly samples: number;
  readonly durationMs: number;
  /** Samples of all channels in turn; the array is used again for the next part. */
  parts(): AsyncGenerator<Int16Array>;
  close(): Promise<void>;
}

/** Null when it is no such file; also of a file whose writer was stopped before it put the lengths in. */
export async function openWav(path: string): Promise<WavFile | null> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const head = readHead(buffer.subarray(0, bytesRead), size);
    if (head) return wavFile(handle, head);
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return null;
}

interface Head {
  sampleRate: number;
  channels: number;
  start: number;
  bytes: number;
}

function readHead(head: Buffer, size: number): Head | null {
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return null;
  let format: { sampleRate: number; channels: number } | null = null;
  for (let at = 12; at + 8 <= head.length;) {
    const id = head.toString('latin1', at, at + 4);
    const length = head.readUInt32LE(at + 4);
    const body = at + 8;
    if (id === 'fmt ' && body + 16 <= head.length) {
      if (head.readUInt16LE(body) !== pcm || head.readUInt16LE(body + 14) !== 8 * bytesPerSample) return null;
      format = { channels: head.readUInt16LE(body + 2), sampleRate: head.readUInt32LE(body + 4) };
      if (format.channels === 0 || format.sampleRate === 0) return null;
    } else if (id === 'data') {
      const there = Math.max(0, size - body);
      return format && { ...format, start: body, bytes: length === 0 ? there : Math.min(length, there) };
    }
    at = body + length + (length % 2);
  }
  return null;
}

function wavFile(handle: FileHandle, { sampleRate, channels, start, bytes }: Head): WavFile {
  const samples = Math.floor(bytes / bytesPerSample / channels);
  return {
    sampleRate,
    channels,
    samples,
    durationMs: Math.round((samples / sampleRate) * 1000),
    async *parts() {
      const buffer = Buffer.alloc(Math.floor(readBytes / channels) * channels);
      const end = start + samples * channels * bytesPerSample;
      for (let at = start; at < end;) {
        const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - at), at);
        const whole = Math.floor(bytesRead / bytesPerSample);
        if (whole === 0) return;
        yield new Int16Array(buffer.buffer, buffer.byteOffset, whole);
        at += whole * bytesPerSample;
      }
    },
    close: () => handle.close(),
  };
}
