import type { Readable } from 'node:stream';
import { SaxesParser } from 'saxes';
import { FileProblem } from '../import.ts';

export interface XmlHandlers {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/**
 * Reads XML from a stream piece by piece, for a look no further than `upTo` bytes. Names come without their prefix. What it
 * yields are the bytes read so far.
 * Document types define nothing here, so no entity can grow. @throws FileProblem
 */
export async function* readXml(
  stream: Readable,
  handlers: XmlHandlers,
  upTo = Infinity,
): AsyncGenerator<number> {
  const parser = new SaxesParser({ position: false });
  parser.on('opentag', ({ name, attributes }) =>
    handlers.open?.(local(name), attributes as Record<string, string>),
  );
  parser.on('text', (text) => handlers.text?.(text));
  parser.on('cdata', (text) => handlers.text?.(text));
  parser.on('closetag', ({ name }) => handlers.close?.(local(name)));
  const decoder = new TextDecoder('utf-8');
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      parser.write(decoder.decode(chunk as Buffer, { stream: true }));
      yield bytes;
      bytes += (chunk as Buffer).length;
      if (bytes > upTo) return;
    }
    parser.write(decoder.decode());
    parser.close();
    yield bytes;
  } catch (error) {
    throw error instanceof FileProblem ? error : new FileProblem('workbook-damaged');
  } finally {
    stream.destroy();
  }
}

/** The whole of a small part. */
export async function readWholeXml(stream: Readable, handlers: XmlHandlers): Promise<void> {
  for await (const _ of readXml(stream, handlers));
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);
