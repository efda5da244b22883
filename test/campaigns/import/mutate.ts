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

/** A list as somebody may send it, and then damaged: bytes changed, cut out, doubled, put elsewhere. */
export function mutatedFile(seed: number): MutatedFile {
  const random = seeded(seed * 7_919 + 13);
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const width = 1 + below(6);
  const heads = ['Name', 'Phone', 'Id', '备注', '城市', 'State'].slice(0, width);
  const body = Array.from({ length: below(40) }, () => Array.from({ length: random() < 0.8 ? width : below(9) }, () => pick(cells))); // prettier-ignore
  const rows = [heads, ...body];
  const isWorkbook = random() < 0.4;
  const whole = isWorkbook
    ? workbook({
        inline: random() < 0.5,
        formats: ['0000000000', 'yyyy-mm-dd'],
        sheets: {
          One: rows.map((row) =>
            row.map((cell) => (random() < 0.2 ? { n: pick(['1.38E10', '45000', 'x', '', '1e400', '-5']), style: below(4) } : cell.replace(/[\0\ufffd]/g, ''))), // prettier-ignore
          ),
        },
      })
    : iconv.encode(rows.map((row) => row.map((cell) => (random() < 0.5 && !cell.includes('"') ? `"${cell}"` : cell)).join(pick([',', ',', ',', ';', '\t']))).join(pick(['\n', '\r\n', '\r'])), pick(encodings)); // prettier-ignore
  return { name: isWorkbook ? 'a.xlsx' : pick(['a.csv', 'a.tsv', 'a.txt', 'a.csv']), bytes: damage(whole) };

  function damage(bytes: Buffer): Buffer {
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
