import { Readable } from 'node:stream';
import type { Knex } from 'knex';

/** What a column of a loaded row may hold. */
export type LoadValue = string | number | null;

/** A server that takes no rows from a client's stream: the way of plain inserts is left. */
export class LoadNotAllowed extends Error {
  constructor() {
    super('the database server does not allow LOAD DATA LOCAL');
    this.name = 'LoadNotAllowed';
  }
}

const refusals: ReadonlySet<string> = new Set([
  'ER_NOT_ALLOWED_COMMAND',
  'ER_CLIENT_LOCAL_FILES_DISABLED',
  'ER_LOAD_INFILE_CAPABILITY_DISABLED',
]);
const chunkLength = 256 * 1024;

/**
 * Sends rows to MariaDB or MySQL as one stream, several times as fast as inserts. With LOCAL a row that does not fit is
 * only warned of; here it is an error, so that the caller's transaction goes back. @throws LoadNotAllowed
 */
export async function loadRows(
  table: string,
  columns: readonly string[],
  rows: readonly (readonly LoadValue[])[],
  trx: Knex.Transaction,
): Promise<void> {
  const names = columns.map(() => '??').join(', ');
  const sql = `load data local infile 'rows' into table ?? character set utf8mb4 (${names})`;
  const options = { infileStreamFactory: () => Readable.from(chunks(rows), { objectMode: true }) };
  let result: { affectedRows: number; warningStatus: number };
  try {
    [result] = (await trx.raw(sql, [table, ...columns]).options(options)) as [typeof result];
  } catch (error) {
    if (refusals.has((error as { code?: string }).code ?? '')) throw new LoadNotAllowed();
    throw error;
  }
  if (result.affectedRows !== rows.length || result.warningStatus > 0)
    throw new Error(
      `loading ${table}: ${result.affectedRows} of ${rows.length} rows taken, ${result.warningStatus} warnings`,
    );
}

function* chunks(rows: readonly (readonly LoadValue[])[]): Generator<Buffer> {
  let text = '';
  for (const row of rows) {
    for (let column = 0; column < row.length; column++)
      text += (column === 0 ? '' : '\t') + escaped(row[column] ?? null);
    text += '\n';
    if (text.length < chunkLength) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

function escaped(value: LoadValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  return /[\\\t\n\r\0]/.test(value) ? value.replace(/[\\\t\n\r\0]/g, (sign) => escapes[sign]!) : value;
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\\0',
};
