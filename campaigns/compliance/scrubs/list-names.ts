/*
 * Editions of a register follow each other by its name. A name that is almost one in force would leave the old edition
 * standing beside the new one, so whoever types it is asked. Also read by the page: nothing here may need the server.
 */

export interface NamedList {
  readonly kind: string;
  readonly country: string;
  readonly name: string;
}

/** One letter in so many may differ. */
const lettersForOne = 4;

/** Lists of the same kind and country whose names `list` may have meant; none where one has just this name. */
export function namesMeant<L extends NamedList>(list: NamedList, inForce: readonly L[]): L[] {
  const others = inForce.filter(({ kind, country }) => kind === list.kind && country === list.country);
  if (others.some(({ name }) => name === list.name)) return [];
  return others.filter(({ name }) => resembles(name, list.name));
}

export function resembles(one: string, other: string): boolean {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  const [x, y] = [a.join(''), b.join('')];
  if (x === '' || y === '') return false;
  if (x.includes(y) || y.includes(x)) return true;
  if ([...a].sort().join(' ') === [...b].sort().join(' ')) return true;
  return differences(x, y) <= Math.max(1, Math.floor(Math.max(x.length, y.length) / lettersForOne));
}

/** Without case, accents, widths of signs and what stands between words. */
function wordsOf(name: string): string[] {
  const plain = name.normalize('NFKC').toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
  return plain.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

/** How many letters are wrong, missing, too many, or have changed places with the one beside them. */
function differences(x: string, y: string): number {
  const [a, b] = [[...x], [...y]];
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const [last, row] = [rows[i - 1]!, [i]];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
