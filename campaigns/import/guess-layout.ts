import { guessColumns, guessHeaderRow } from './columns.ts';
import { firstRows, type FileForm } from './table-file.ts';

const guessRows = 50;

/** What the first rows suggest about heading and columns. */
export async function guessLayout(path: string, form: FileForm, country: string, header?: boolean) {
  const rows = (await firstRows(path, form, guessRows)).map(({ cells }) => cells);
  const headerRow = header ?? guessHeaderRow(rows, country);
  const headers = headerRow ? (rows[0] ?? []).map((cell) => cell.trim().slice(0, 60)) : [];
  const columns = guessColumns(headers, headerRow ? rows.slice(1) : rows, country);
  const width = columns.length;
  return {
    headerRow,
    headers: Array.from({ length: width }, (_, index) => headers[index] ?? ''),
    columns: columns.map(({ target }) => target),
    by: columns.map(({ by }) => by),
  };
}
