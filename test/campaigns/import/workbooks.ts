import { crc32, deflateRawSync } from 'node:zlib';

/** A cell: text, a number as Excel writes it, or a number with the style of that place. */
export type WorkbookCell = string | number | { readonly n: string; readonly style: number } | null;

export interface WorkbookParts {
  readonly sheets: Readonly<Record<string, readonly (readonly WorkbookCell[])[]>>;
  /** Formats of numbers by style: style 1 is the first. */
  readonly formats?: readonly string[];
  /** Texts stand in the cells themselves. */
  readonly inline?: boolean;
  readonly date1904?: boolean;
  /** Changes a sheet's text before it is packed. */
  readonly damage?: (xml: string) => string;
}

/** A small workbook as Excel writes it. */
export function workbook(parts: WorkbookParts): Buffer {
  const names = Object.keys(parts.sheets);
  const strings: string[] = [];
  const sheetXml = (rows: readonly (readonly WorkbookCell[])[]) =>
    `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows
      .map(
        (row, at) =>
          `<row r="${at + 1}">${row.map((cell, column) => cellXml(cell, `${letters(column)}${at + 1}`)).join('')}</row>`,
      ) // prettier-ignore
      .join('')}</sheetData></worksheet>`;
  const cellXml = (cell: WorkbookCell, place: string): string => {
    if (cell === null) return '';
    if (typeof cell === 'number') return `<c r="${place}"><v>${cell}</v></c>`;
    if (typeof cell === 'object') return `<c r="${place}" s="${cell.style}"><v>${cell.n}</v></c>`;
    if (parts.inline) return `<c r="${place}" t="inlineStr"><is><t>${escaped(cell)}</t></is></c>`;
    return `<c r="${place}" t="s"><v>${strings.push(cell) - 1}</v></c>`;
  };
  const sheets = names.map((name, at) => [`xl/worksheets/sheet${at + 1}.xml`, (parts.damage ?? String)(sheetXml(parts.sheets[name]!))] as const); // prettier-ignore
  const rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const links = [
    ...names.map((_, at) => `<Relationship Id="r${at + 1}" Type="${rel}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`), // prettier-ignore
    `<Relationship Id="rs" Type="${rel}/styles" Target="styles.xml"/>`,
    `<Relationship Id="rt" Type="${rel}/sharedStrings" Target="sharedStrings.xml"/>`,
  ].join('');
  const formats = parts.formats ?? [];
  return zip({
    '_rels/.rels': `<Relationships><Relationship Id="a" Type="${rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns:r="${rel}"><workbookPr${parts.date1904 ? ' date1904="1"' : ''}/><sheets>${names.map((name, at) => `<sheet name="${escaped(name)}" sheetId="${at + 1}" r:id="r${at + 1}"/>`).join('')}</sheets></workbook>`, // prettier-ignore
    'xl/_rels/workbook.xml.rels': `<Relationships>${links}</Relationships>`,
    'xl/styles.xml': `<styleSheet><numFmts>${formats.map((code, at) => `<numFmt numFmtId="${200 + at}" formatCode="${escaped(code)}"/>`).join('')}</numFmts><cellXfs><xf numFmtId="0"/>${formats.map((_, at) => `<xf numFmtId="${200 + at}"/>`).join('')}</cellXfs></styleSheet>`, // prettier-ignore
    ...Object.fromEntries(sheets),
    'xl/sharedStrings.xml': `<sst>${strings.map((text) => `<si><t xml:space="preserve">${escaped(text)}</t></si>`).join('')}</sst>`, // prettier-ignore
  });
}

/** A zip archive of these files. */
export function zip(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = Buffer.from(content as string);
    const packed = deflateRawSync(data);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(8, 4);
    head.writeUInt32LE(crc32(data), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(data.length, 18);
    head.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), head, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), head, tail, Buffer.from(name)]),
    );
    bodies.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, central, end]);
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);
const letters = (column: number): string =>
  column < 26
    ? String.fromCharCode(65 + column)
    : letters(Math.floor(column / 26) - 1) + letters(column % 26);
