import { readPhone } from '../../crm/index.ts';
import { headerTarget } from './header-words.ts';

/** What a column of the file may be. `custom`: a field of the firm's own, named like the column. */
export const columnTargets = [
  'ignore',
  'name',
  'given_name',
  'family_name',
  'salutation',
  'phone',
  'phone_mobile',
  'phone_home',
  'phone_work',
  'external_id',
  'language',
  'company',
  'email',
  'address',
  'region',
  'country',
  'state',
  'postal_code',
  'tags',
  'note',
  'consent',
  'custom',
] as const;
export type ColumnTarget = (typeof columnTargets)[number];

export const phoneTargets: readonly ColumnTarget[] = ['phone', 'phone_mobile', 'phone_home', 'phone_work'];
/** What a customer can be called by. */
export const namingTargets: readonly ColumnTarget[] = ['name', 'given_name', 'family_name', 'company'];
/** Of these a customer has any number; of the rest, one. */
export const repeatable: readonly ColumnTarget[] = [...phoneTargets, 'ignore', 'tags', 'note', 'custom'];

export interface ColumnGuess {
  readonly header: string;
  readonly target: ColumnTarget;
  /** `header`: its name says so. `content`: its cells look like it. `none`: nobody knows. */
  readonly by: 'header' | 'content' | 'none';
}

/** Whether the first row names the columns: its cells hold no number, address or the like, and some name is known. */
export function guessHeaderRow(rows: readonly (readonly string[])[], country: string): boolean {
  const [first, ...rest] = rows;
  if (!first) return false;
  // "No" names a column of row numbers and is an answer as well.
  const known = first.filter((cell) => !['ignore', null].includes(headerTarget(cell))).length;
  const values = first.filter((cell) => /\d{4,}|@/.test(cell) || readPhone(cell, country).ok).length;
  if (values > 0) return known > values;
  if (known > 0) return true;
  // No name is known, yet a column of digits that begins with a word is a column with a heading.
  return first.some((cell, column) => {
    const cells = rest.map((row) => row[column] ?? '').filter(Boolean);
    return !/\d/.test(cell) && cells.length > 0 && cells.every((value) => /\d{4,}/.test(value));
  });
}

export function guessColumns(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  country: string,
): ColumnGuess[] {
  const width = Math.max(headers.length, ...rows.map((row) => row.length), 0);
  const guesses: ColumnGuess[] = [];
  const taken = new Set<ColumnTarget>();
  for (let column = 0; column < width; column++) {
    const header = headers[column]?.trim() ?? '';
    const named = header === '' ? null : headerTarget(header);
    const cells = rows.map((row) => row[column]?.trim() ?? '').filter(Boolean);
    const looks = named ? null : contentTarget(cells, country);
    let guess: ColumnGuess = countsRows(named, cells)
      ? { header, target: 'ignore', by: 'content' }
      : named
        ? { header, target: named, by: 'header' }
        : looks
          ? { header, target: looks, by: 'content' }
          : { header, target: header === '' ? 'ignore' : 'custom', by: 'none' };
    if (taken.has(guess.target) && !repeatable.includes(guess.target))
      guess = { header, target: header === '' ? 'ignore' : 'custom', by: 'none' };
    taken.add(guess.target);
    guesses.push(guess);
  }
  return guesses;
}

/** A column of ids that says 1, 2, 3 … numbers the rows of this file, and of every other. */
function countsRows(named: ColumnTarget | null, cells: readonly string[]): boolean {
  const first = Number(cells[0]);
  return (
    named === 'external_id' &&
    (first === 0 || first === 1) &&
    cells.every((cell, index) => /^\d+(\.0+)?$/.test(cell) && Number(cell) === first + index)
  );
}

function contentTarget(cells: readonly string[], country: string): ColumnTarget | null {
  if (cells.length === 0) return null;
  const share = (test: (cell: string) => boolean) => cells.filter(test).length / cells.length;
  if (share((cell) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(cell)) > 0.7) return 'email';
  if (share((cell) => /\d{6,}|E\+/.test(cell.replace(/[\s().-]/g, '')) && looksCallable(cell, country)) > 0.6)
    return 'phone';
  if (share((cell) => /^\p{Script=Han}{2,4}$/u.test(cell)) > 0.7) return 'name';
  if (share((cell) => /^\p{Lu}[\p{L}'’.-]+( \p{Lu}[\p{L}'’.-]*){1,3}$/u.test(cell)) > 0.7) return 'name';
  return null;
}

function looksCallable(cell: string, country: string): boolean {
  const reading = readPhone(cell, country);
  return reading.ok || reading.problem === 'rounded-by-spreadsheet';
}
