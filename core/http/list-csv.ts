import type { Request, Response } from 'express';
import { byteOrderMark, csvLine } from './csv.ts';
import type { Column, ListRequest, Slice } from './list-definition.ts';
import type { ListQuery } from './list-query.ts';

const csvBatch = 1_000;
/** As many as spreadsheets take. */
const csvRows = 1_000_000;

/** All rows of a list as a file, part by part. */
export async function sendCsv<Row, Filters>(
  req: Request,
  res: Response,
  { file, csvRows: mostRows = csvRows }: { file: string; csvRows?: number },
  columns: readonly Column<Row>[],
  query: ListQuery<Filters>,
  fetch: (request: ListRequest<Filters>) => Promise<Slice<Row>>,
): Promise<void> {
  const { t } = req.context;
  let slice = await fetch({ ...query, limit: csvBatch, offset: 0, after: null });
  res.set('cache-control', 'no-store');
  res.attachment(`${file}.csv`).type('text/csv; charset=utf-8');
  res.write(byteOrderMark + csvLine(columns.map((column) => t(column.labelKey))));
  let partial = slice.partial ?? false;
  for (let offset = 0; !res.destroyed;) {
    const { rows, next } = slice;
    const text = rows.map((row) => csvLine(columns.map((column) => plainCell(req, column, row)))).join('');
    if (text && !res.write(text)) await drained(res);
    if (next === undefined ? rows.length < csvBatch : next === null) break;
    offset += rows.length;
    slice = await fetch({ ...query, limit: csvBatch, offset, after: next ?? null });
    if (offset < mostRows) continue;
    partial ||= slice.rows.length > 0;
    break;
  }
  if (partial) res.write(csvLine([t('common:list.csvCut')]));
  res.end();
}

/** Resolves when the reader has caught up, or has gone. */
function drained(res: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.off('drain', done).off('close', done);
      resolve();
    };
    res.once('drain', done).once('close', done);
  });
}

/** As a machine reads it: plain numbers, ISO times. */
function plainCell<Row>(req: Request, column: Column<Row>, row: Row): unknown {
  const value = column.value(row);
  if (value == null) return '';
  if (column.format === 'date' || column.format === 'datetime') return new Date(Number(value)).toISOString();
  if (column.format === 'duration') return Math.round(Number(value) / 1000);
  if (column.format === 'key') return req.context.t(String(value));
  return value;
}
