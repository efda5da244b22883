import { FileProblem } from '../import.ts';
import { readXml } from './read-xml.ts';
import type { Workbook } from './workbook.ts';

const mostBytes = 768 * 1024 * 1024;
const mostCharacters = 256 * 1024 * 1024;
/** A cell of a sheet holds no more. */
export const longestCell = 32_767;
/** So much of a part is read for a look at the first rows. */
export const lookBytes = 64 * 1024 * 1024;

/** The texts that cells refer to by number, up to and with number `last`. @throws FileProblem */
export async function readSharedStrings(
  { archive, stringsPart }: Workbook,
  last = Infinity,
): Promise<string[]> {
  const strings: string[] = [];
  if (stringsPart === null || last < 0) return strings;
  const collector = createTextCollector();
  let characters = 0;
  const stream = await archive.stream(stringsPart, mostBytes);
  const handlers = {
    open(tag: string) {
      if (tag === 'si') collector.begin();
      else collector.open(tag);
    },
    text: (text: string) => collector.text(text),
    close(tag: string) {
      if (tag !== 'si') return collector.close(tag);
      const text = collector.end();
      characters += text.length;
      if (characters > mostCharacters) throw new FileProblem('workbook-too-large');
      strings.push(text);
    },
  };
  for await (const _ of readXml(stream, handlers, last < Infinity ? lookBytes : Infinity))
    if (strings.length > last) break;
  return strings;
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
