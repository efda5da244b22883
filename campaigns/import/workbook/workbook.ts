import { posix } from 'node:path';
import { FileProblem } from '../import.ts';
import { openArchive, type Archive } from './archive.ts';
import { builtInForm, formOfCode, plainNumber, type NumberForm } from './number-text.ts';
import { readWholeXml } from './read-xml.ts';

export interface Sheet {
  readonly name: string;
  readonly hidden: boolean;
  /** Its part in the archive. */
  readonly part: string;
}

export interface Workbook {
  readonly archive: Archive;
  readonly sheets: readonly Sheet[];
  /** Days are counted from 1904, as old Macintoshes did. */
  readonly from1904: boolean;
  /** How numbers look, by the style of their cell. */
  readonly forms: readonly NumberForm[];
  readonly stringsPart: string | null;
}

const mostOfSmallParts = 48 * 1024 * 1024;
const mostSheets = 500;

/** Opens a workbook and reads everything but its rows and strings. Close its archive. @throws FileProblem */
export async function openWorkbook(path: string): Promise<Workbook> {
  const archive = await openArchive(path);
  try {
    const part = await mainPart(archive);
    const links = await linksOf(archive, part);
    const { sheets, from1904 } = await readSheets(archive, part, links);
    if (sheets.length === 0) throw new FileProblem('no-rows');
    const typed = (type: string) => [...links.values()].find((link) => link.type === type)?.part ?? null;
    const styles = typed('styles');
    const stringsPart = typed('sharedStrings');
    return {
      archive,
      sheets,
      from1904,
      forms: styles && archive.has(styles) ? await readForms(archive, styles) : [],
      stringsPart: stringsPart && archive.has(stringsPart) ? stringsPart : null,
    };
  } catch (error) {
    archive.close();
    throw error;
  }
}

interface Link {
  readonly type: string;
  readonly part: string;
}

async function mainPart(archive: Archive): Promise<string> {
  const links = archive.has('_rels/.rels') ? await linksOf(archive, '') : new Map<string, Link>();
  const main = [...links.values()].find(({ type }) => type === 'officeDocument')?.part ?? 'xl/workbook.xml';
  // A zip of anything else: a document, an archive of files.
  if (!archive.has(main) || !/\.xml$/i.test(main)) throw new FileProblem('not-a-workbook');
  return main;
}

async function linksOf(archive: Archive, part: string): Promise<Map<string, Link>> {
  const folder = posix.dirname(part);
  const name = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  const links = new Map<string, Link>();
  if (!archive.has(name)) return links;
  await readWholeXml(await archive.stream(name, mostOfSmallParts), {
    open(tag, { Id, Type, Target, TargetMode }) {
      if (tag !== 'Relationship' || !Id || !Target || TargetMode === 'External') return;
      const type = Type?.slice(Type.lastIndexOf('/') + 1) ?? '';
      links.set(Id, { type, part: Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target) });
    },
  });
  return links;
}

async function readSheets(archive: Archive, part: string, links: ReadonlyMap<string, Link>) {
  const sheets: Sheet[] = [];
  let from1904 = false;
  let isWorkbook = false;
  await readWholeXml(await archive.stream(part, mostOfSmallParts), {
    open(tag, attributes) {
      if (tag === 'workbook') isWorkbook = true;
      if (tag === 'workbookPr') from1904 = /^(1|true|on)$/.test(attributes.date1904 ?? '');
      if (tag !== 'sheet' || sheets.length >= mostSheets) return;
      const id = Object.entries(attributes).find(([key]) => /^(\w+:)?id$/.test(key))?.[1] ?? '';
      const link = links.get(id);
      if (link?.type !== 'worksheet' || !archive.has(link.part)) return;
      const hidden = /hidden/i.test(attributes.state ?? '');
      sheets.push({ name: (attributes.name ?? '').slice(0, 100), hidden, part: link.part });
    },
  });
  if (!isWorkbook) throw new FileProblem('not-a-workbook');
  return { sheets, from1904 };
}

async function readForms(archive: Archive, part: string): Promise<NumberForm[]> {
  const own = new Map<string, NumberForm>();
  const forms: NumberForm[] = [];
  let within = false;
  await readWholeXml(await archive.stream(part, mostOfSmallParts), {
    open(tag, { numFmtId = '0', formatCode }) {
      if (tag === 'numFmt' && formatCode !== undefined) own.set(numFmtId, formOfCode(formatCode));
      if (tag === 'cellXfs') within = true;
      if (tag === 'xf' && within && forms.length < 100_000)
        forms.push(own.get(numFmtId) ?? builtInForm(Number(numFmtId)) ?? plainNumber);
    },
    close(tag) {
      if (tag === 'cellXfs') within = false;
    },
  });
  return forms;
}
