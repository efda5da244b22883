import type { z } from 'zod';
import type { Role } from '../users/role.ts';
import type { Cursor } from './keyset.ts';
import type { Direction, ListQuery } from './list-query.ts';

export type CellFormat = 'text' | 'number' | 'percent' | 'date' | 'datetime' | 'duration' | 'phone' | 'key';

export interface Column<Row> {
  key: string;
  labelKey: string;
  value(row: Row): unknown;
  /** How the value is written. `key`: the value is a locale key. Default `text`. */
  format?: CellFormat;
  sortable?: boolean;
  /** Not shown unless chosen. */
  hidden?: boolean;
  /** Left out on a tablet unless chosen. */
  minor?: boolean;
  /** A partial that draws the cell from the row; the CSV still takes `value`. */
  partial?: string;
  /** Nothing that a file could hold: buttons, bars. */
  pageOnly?: boolean;
  /** Makes the cell a link. */
  href?(row: Row): string | null;
}

export interface ListDefinition<Row, F extends z.ZodType> {
  columns: readonly Column<Row>[];
  sort: { column: string; direction: Direction };
  filters: F;
  pageSize?: number;
  /** Name of the CSV file, without its ending. */
  file: string;
  /** Rows of a CSV; a million unless said. Where there are more, its last line says so. */
  csvRows?: number;
  /** Rows speak of people: the action under which each CSV is kept in the audit. Null: they do not. */
  exported: string | null;
  /** What the empty state says when nothing is there at all: `ns:key` of a title, a text, and what to do first. */
  empty: {
    titleKey: string;
    textKey: string;
    /** Offered to who may do it. */
    action?: { href: string; labelKey: string; roles: readonly Role[] };
  };
  /** Who may take the rows away as a file; everyone who sees them unless named. */
  exporters?: readonly Role[];
}

export interface Slice<Row> {
  rows: readonly Row[];
  total: Total;
  /** Where the next part of a CSV begins; null: nowhere. Without it parts are asked for by offset: only where all rows are at hand. */
  next?: Cursor | null;
  /** Not every row that may belong to it was looked at. */
  partial?: boolean;
}

/** Counting stops at a cap: `more` says that there are more than `count`. */
export interface Total {
  count: number;
  more: boolean;
}

export interface ListRequest<Filters> extends ListQuery<Filters> {
  limit: number;
  offset: number;
  /** Of a CSV: what the slice before it said is next. */
  after: Cursor | null;
}
