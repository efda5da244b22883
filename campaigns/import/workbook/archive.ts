import type { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { FileProblem } from '../import.ts';

const mostEntries = 5_000;
/** Text of workbooks packs to a tenth; what unpacks to much more than that is made to fill memory. */
const suspiciousRatio = 400;
const suspiciousFrom = 64 * 1024 * 1024;

/** The parts of a workbook: a zip archive, whose directory is read and whose parts are streamed one at a time. */
export interface Archive {
  has(name: string): boolean;
  /** Bytes of a part once unpacked, as the directory says. */
  size(name: string): number;
  /** A part's bytes, never more than the directory announced and `most`. @throws FileProblem */
  stream(name: string, most: number): Promise<Readable>;
  close(): void;
}

/** @throws FileProblem when it is no whole archive */
export async function openArchive(path: string): Promise<Archive> {
  const zip = await yauzl.openPromise(path, { autoClose: false, lazyEntries: true }).catch(damaged);
  const entries = new Map<string, Entry>();
  try {
    await readDirectory(zip, entries);
  } catch (error) {
    zip.close();
    throw error;
  }
  return {
    has: (name) => entries.has(plain(name)),
    size: (name) => entries.get(plain(name))?.uncompressedSize ?? 0,
    async stream(name, most) {
      const entry = entries.get(plain(name));
      if (!entry) throw new FileProblem('workbook-damaged');
      const { uncompressedSize: size, compressedSize } = entry;
      const swells = size > suspiciousFrom && size > compressedSize * suspiciousRatio;
      if (size > most || swells) throw new FileProblem('workbook-too-large');
      if (entry.isEncrypted()) throw new FileProblem('old-workbook');
      return zip.openReadStreamPromise(entry).catch(damaged);
    },
    close: () => zip.close(),
  };
}

function readDirectory(zip: ZipFile, entries: Map<string, Entry>): Promise<void> {
  return new Promise((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      if (entries.size >= mostEntries) return reject(new FileProblem('workbook-damaged'));
      entries.set(plain(entry.fileName), entry);
      zip.readEntry();
    });
    zip.on('end', resolve);
    zip.on('error', () => reject(new FileProblem('workbook-damaged')));
    zip.readEntry();
  });
}

/** Names in a package do not tell case apart, and some writers begin them with a slash. */
const plain = (name: string): string => name.replace(/\\/g, '/').replace(/^\/+/, '').toLowerCase();

function damaged(): never {
  throw new FileProblem('workbook-damaged');
}
