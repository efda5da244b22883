import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import iconv from 'iconv-lite';
import { detectAll } from 'jschardet';
import { commonHangul, commonSimplified, commonTraditional } from './common-han.ts';
import { isOneByte, oneByteWeight } from './one-byte.ts';

export const encodings = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-kr',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
] as const;
export type Encoding = (typeof encodings)[number];

export interface EncodingGuess {
  readonly encoding: Encoding;
  /** `certain`: a byte order mark, or valid UTF-8 throughout. `likely`: by the characters it gives. */
  readonly confidence: 'certain' | 'likely';
}

const sampleSize = 256 * 1024;

/** Byte order mark, then strict UTF-8 over the whole file, then the most plausible of the others. */
export async function guessEncoding(path: string): Promise<EncodingGuess> {
  const sample = await readSample(path);
  const marked = byMark(sample);
  if (marked) return { encoding: marked, confidence: 'certain' };
  if (await isUtf8(path)) return { encoding: 'utf-8', confidence: 'certain' };
  return { encoding: mostPlausible(await foreignSample(path, sample)), confidence: 'likely' };
}

/** The beginning of the file, or where its first character outside ASCII is, if that comes later. */
async function foreignSample(path: string, beginning: Buffer): Promise<Buffer> {
  const foreign = (bytes: Buffer) => bytes.some((byte) => byte >= 0x80);
  if (foreign(beginning)) return beginning;
  for await (const chunk of createReadStream(path, { highWaterMark: sampleSize }))
    if (foreign(chunk as Buffer)) return chunk as Buffer;
  return beginning;
}

export async function readSample(path: string, size = sampleSize): Promise<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(size);
    const { bytesRead } = await file.read(buffer, 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

export function byMark(bytes: Buffer): Encoding | null {
  if (bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes.length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes.length >= 2 && bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
}

async function isUtf8(path: string): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
      decoder.decode(chunk as Buffer, { stream: true });
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}

const candidates = encodings.filter((encoding) => !encoding.startsWith('utf-'));

/**
 * Detectors take short GBK and Big5 for Latin. So each candidate is decoded, and the text that reads most like what
 * people write wins; the detector's word breaks ties.
 */
export function mostPlausible(sample: Buffer): Encoding {
  const named = new Set(
    detectAll(sample)
      .filter(({ confidence }) => confidence > 0.5)
      .map(({ encoding }) => encodingOf(encoding)),
  );
  let best: { encoding: Encoding; score: number } = { encoding: 'windows-1252', score: 0.011 };
  for (const encoding of candidates) {
    const score = plausibility(iconv.decode(sample, encoding), encoding) + (named.has(encoding) ? 0.05 : 0);
    if (score > best.score) best = { encoding, score };
  }
  return best.encoding;
}

function encodingOf(name: string | null): Encoding | null {
  const known: Record<string, Encoding> = {
    gb2312: 'gb18030',
    gb18030: 'gb18030',
    gbk: 'gb18030',
    big5: 'big5',
    'big5-hkscs': 'big5',
    shift_jis: 'shift_jis',
    'euc-kr': 'euc-kr',
    cp949: 'euc-kr',
    'iso-8859-1': 'windows-1252',
    'iso-8859-2': 'windows-1250',
    'iso-8859-5': 'windows-1251',
    'iso-8859-7': 'windows-1253',
    'iso-8859-8': 'windows-1255',
  };
  const lower = name?.toLowerCase() ?? '';
  return known[lower] ?? encodings.find((encoding) => encoding === lower) ?? null;
}

/** 0 to 1: the share of the characters outside ASCII that are common in that encoding's languages. */
function plausibility(text: string, encoding: Encoding): number {
  let foreign = 0;
  let likely = 0;
  let before = '';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const previous = before;
    before = character;
    if (code < 0x80) {
      if (code < 0x20 && code !== 9 && code !== 10 && code !== 13) likely -= 1;
      continue;
    }
    foreign += 1;
    // Not decodable, private use, or C1 control: nobody writes those.
    if (code === 0xfffd || (code >= 0xe000 && code <= 0xf8ff) || (code >= 0x80 && code <= 0x9f)) likely -= 3;
    else if (isOneByte(encoding)) likely += oneByteWeight(character, previous, encoding);
    else likely += weight(character, code, encoding);
  }
  return foreign === 0 ? 0.01 : likely / foreign;
}

function weight(character: string, code: number, encoding: Encoding): number {
  const han = code >= 0x4e00 && code <= 0x9fff;
  const wide = (code >= 0x3000 && code <= 0x303f) || (code >= 0xff00 && code <= 0xff5e);
  switch (encoding) {
    case 'gb18030':
      return han ? (commonSimplified.has(character) ? 1 : 0.2) : wide ? 0.8 : 0;
    case 'big5':
      return han ? (commonTraditional.has(character) ? 1 : 0.2) : wide ? 0.8 : 0;
    case 'shift_jis':
      // Half-width katakana is what Chinese bytes turn into; it is rare in today's files.
      return code >= 0x3040 && code <= 0x30ff ? 1 : han ? 0.35 : wide ? 0.8 : 0;
    case 'euc-kr':
      return code >= 0xac00 && code <= 0xd7a3
        ? commonHangul.has(character)
          ? 1
          : 0.4
        : han
          ? 0.1
          : wide
            ? 0.8
            : 0;
    default:
      return 0;
  }
}
