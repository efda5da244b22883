import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import type { Request } from 'express';
import { plainLine, plainText } from '../../core/text/index.ts';
import { FileProblem } from './import.ts';

export interface Upload {
  readonly fields: Readonly<Record<string, string>>;
  readonly fileName: string;
  /** Below the data folder. */
  readonly filePath: string;
  readonly fileSize: number;
}

const folder = 'imports';

/**
 * Streams the file of a multipart request into the data folder; never more than `maxBytes` of it, and nothing is left
 * of one that was refused or cut off. @throws FileProblem
 */
export async function receiveUpload(req: Request, dataDir: string, maxBytes: number): Promise<Upload> {
  await mkdir(join(dataDir, folder), { recursive: true });
  const filePath = join(folder, `${randomUUID()}.upload`);
  const target = join(dataDir, filePath);
  const fields: Record<string, string> = {};
  let written: Promise<void> | undefined;
  let fileName = '';
  let fileSize = 0;
  let tooLarge = false;
  try {
    const form = busboy({
      headers: req.headers,
      // Browsers send names of files in UTF-8 without saying so.
      defParamCharset: 'utf8',
      limits: { files: 1, fileSize: maxBytes, fields: 20, fieldSize: 4_000 },
    });
    form.on('field', (name, value) => (fields[name] = plainText(value)));
    form.on('file', (_name, stream, info) => {
      fileName = plainLine(info.filename ?? '');
      stream.on('data', (chunk: Buffer) => (fileSize += chunk.length));
      stream.on('limit', () => (tooLarge = true));
      written = pipeline(stream, createWriteStream(target));
      written.catch(() => {});
    });
    await pipeline(req, form);
    if (!written) throw new FileProblem('empty');
    await written;
    if (tooLarge) throw new FileProblem('too-large', { most: Math.round(maxBytes / 1024 / 1024) });
    return { fields, fileName, filePath, fileSize };
  } catch (error) {
    await written?.catch(() => {});
    await rm(target, { force: true });
    throw error;
  }
}

/** All uploads that lie in the data folder, and when each was last written to. */
export async function uploadsIn(dataDir: string): Promise<{ filePath: string; changedAt: number }[]> {
  const names = await readdir(join(dataDir, folder)).catch(() => []);
  const found: { filePath: string; changedAt: number }[] = [];
  for (const name of names) {
    const filePath = join(folder, name);
    const file = await stat(join(dataDir, filePath)).catch(() => null);
    if (file?.isFile()) found.push({ filePath, changedAt: file.mtimeMs });
  }
  return found;
}
