import { FileProblem } from '../import.ts';
import { readXml } from './read-xml.ts';
import { TextStore } from './text-store.ts';
import type { Workbook } from './workbook.ts';

const mostBytes = 768 * 1024 * 1024;
const mostCharacters = 256 * 1024 * 1024;
/** A cell of a sheet holds no more. */
export const longestCell = 32_767;
/** So much of a part is read for a look at the first rows. */
export const lookBytes = 64 * 1024 * 1024;

/** The texts that cells refer to by number, up to and with number `last`. Close them. @throws FileProblem */
export async function readSharedStrings(
  { archive, stringsPart }: Workbook,
  beside: string,
  last = Infinity,
): Promise<TextStore> {
  const strings = new TextStore(beside);
  if (stringsPart === null || last < 0) return strings;
  const collector = createTextCollector();
  const handlers = {
    open(tag: string) {
      if (tag === 'si') collector.begin();
      else collector.open(tag);
    },
    text: (text: string) => collector.text(text),
    close(tag: string) {
      if (tag !== 'si') return collector.close(tag);
      strings.add(collector.end());
      if (strings.characters > mostCharacters) throw new FileProblem('workbook-too-large');
    },
  };
  try {
    const stream = await archive.stream(stringsPart, mostBytes);
    for await (const _ of readXml(stream, handlers, last < Infinity ? lookBytes : Infinity))
      if (strings.count > last) break;
    return strings;
  } catch (error) {
    strings.close();
    throw error;
  }
}

/** Puts the runs of a text together; the reading aid that Japanese cells carry is no part of it. */
export function createTextCollector() {
  let text = '';
  let taking = false;
  let aside = 0;
  return {
    begin() {
      text = '';
      taking = false;
      aside = 0;
    },
    open(tag: string) {
      if (tag === 'rPh') aside += 1;
      if (tag === 't') taking = aside === 0;
    },
    text(part: string) {
      if (taking && text.length < longestCell) text += part;
    },
    close(tag: string) {
      if (tag === 'rPh') aside -= 1;
      if (tag === 't') taking = false;
    },
    end: (): string =>
      text
        .slice(0, longestCell)
        .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(parseInt(code, 16))),
  };
}
