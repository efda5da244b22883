import iconv from 'iconv-lite';
import { workbook } from './workbooks.ts';

/** Random numbers from a seed: the same files at every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

export interface MutatedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const cells = [
  ...[
    'Ada Winter',
    '李娜',
    '(212) 555-0123',
    '+86 138 0013 8000',
    '1.38E+10',
    '',
    ' ',
    '"',
    '""',
    'a"b',
    "O'Neil",
  ],
  ...[
    '2125550124',
    '13800138000.0',
    '=cmd()',
    '\u0000',
    '\ufffd',
    'x'.repeat(300),
    ';',
    ',',
    '\t',
    'é',
    '１３８',
    '-1',
  ],
  ...['1e309', 'NULL', '0', '+', '00442079460018', 'call after six', '\u202e', '😀', 'a\nb'],
];
const encodings = ['utf8', 'gb18030', 'big5', 'utf16le', 'windows-1251', 'shift_jis'];

/** Bytes that make neither a quotation mark nor a file of another kind. */
const harmless = [...Buffer.from(' ,;\tazAZ0189+-()./\n\r'), 0xe9, 0xc4, 0xd6];

/**
 * A list as somebody may send it, and then damaged. Two of three are damaged so that there is still something to read:
 * cells, lines and separators changed, cut out, doubled; quotation marks as they should be. The rest are damaged anywhere.
 */
export function mutatedFile(seed: number): MutatedFile {
  const random = seeded(seed * 7_919 + 13);
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const gently = random() < 0.67;
  const width = 1 + below(6);
  const heads = ['Name', 'Phone', 'Id', '备注', '城市', 'State'].slice(0, width);
  const body = Array.from({ length: below(40) }, () => Array.from({ length: random() < 0.8 ? width : below(9) }, () => pick(cells))); // prettier-ignore
  const rows = [heads, ...body];
  if (random() < 0.4) {
    const whole = workbook({
      inline: random() < 0.5,
      formats: ['0000000000', 'yyyy-mm-dd'],
      sheets: {
        One: rows.map(
          (row) =>
          row.map((cell) => (random() < 0.2 ? { n: pick(['1.38E10', '45000', 'x', '', '1e400', '-5']), style: below(4) } : cell.replace(/[\0\ufffd]/g, ''))), // prettier-ignore
        ),
      },
      ...(gently ? { damage: damagedText } : {}),
    });
    return { name: 'a.xlsx', bytes: gently ? whole : damaged(whole) };
  }
  const separator = pick([',', ',', ';', '\t']);
  const written = (cell: string) =>
    gently
      ? random() < 0.4 || /["\n,;\t]/.test(cell)
        ? `"${cell.replaceAll('\0', '').replaceAll('"', '""')}"`
        : cell.replaceAll('\0', '')
      : random() < 0.5 && !cell.includes('"')
        ? `"${cell}"`
        : cell;
  const lines = rows.map((row) =>
    row.map(written).join(gently ? separator : pick([',', ',', ',', ';', '\t'])),
  );
  const whole = iconv.encode(lines.join(pick(['\n', '\r\n', '\r'])), pick(gently ? encodings.slice(0, 3) : encodings)); // prettier-ignore
  return { name: pick(['a.csv', 'a.tsv', 'a.txt', 'a.csv']), bytes: gently ? worn(whole) : damaged(whole) };

  /** Letters and digits of a sheet become others, and rows or cells are cut out or doubled. */
  function damagedText(xml: string): string {
    let out = xml;
    for (let blow = below(6); blow > 0; blow--) {
      const at = below(out.length);
      const next = /[a-z0-9]/i.exec(out.slice(at));
      const row = /<row[^>]*>.*?<\/row>|<c [^>]*>.*?<\/c>/.exec(out.slice(at))?.[0] ?? '';
      if (row !== '' && random() < 0.4) out = out.replace(row, random() < 0.5 ? '' : row + row);
      else if (next && random() < 0.7)
        out = out.slice(0, at + next.index) + pick([...'09azE.-']) + out.slice(at + next.index + 1);
    }
    return out;
  }

  function worn(bytes: Buffer): Buffer {
    let out = Buffer.from(bytes);
    for (let blow = below(8); blow > 0 && out.length > 0; blow--) {
      const at = below(out.length);
      const length = 1 + below(Math.min(40, out.length));
      const part = out.subarray(at, at + length);
      if (part.includes(34)) continue;
      const instead = pick([
        Buffer.alloc(0),
        Buffer.concat([part, part]),
        Buffer.from(part.map(() => pick(harmless))),
      ]);
      out = Buffer.concat([out.subarray(0, at), instead, out.subarray(at + length)]);
    }
    return out;
  }

  function damaged(bytes: Buffer): Buffer {
    let out = Buffer.from(bytes);
    for (let blow = below(4); blow > 0 && out.length > 0; blow--) {
      const at = below(out.length);
      const length = 1 + below(Math.min(64, out.length));
      switch (below(5)) {
        case 0:
          out[at] = below(256);
          break;
        case 1:
          out = out.subarray(0, at);
          break;
        case 2:
          out = Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
          break;
        case 3:
          out = Buffer.concat([out.subarray(0, at), out.subarray(at, at + length), out.subarray(at)]);
          break;
        default:
          out = Buffer.concat([out.subarray(0, at), Buffer.from(Array.from({ length: below(8) }, () => below(256))), out.subarray(at)]); // prettier-ignore
      }
    }
    return out;
  }
}
