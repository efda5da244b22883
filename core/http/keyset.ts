import type { Knex } from 'knex';

/** Where a part of an ordered query ended: the last row's values of the columns that it is ordered by. */
export type Cursor = readonly (string | number)[];

export interface Order {
  /** Never null. */
  readonly column: string | Knex.Raw;
  readonly direction: 'asc' | 'desc';
}

export interface Part {
  readonly limit: number;
  readonly offset: number;
  /** Begin after the row of this cursor, wherever it stands by now; `offset` is then not looked at. */
  readonly after?: Cursor | null;
}

/**
 * One part of a query in an order whose last column is unique. Rows that come or go while the parts are read one after
 * the other neither move others out of a part nor into it twice, and the last part takes no longer than the first.
 */
export function partOf<Q extends Knex.QueryBuilder>(
  query: Q,
  order: readonly Order[],
  { limit, offset, after }: Part,
): Q {
  // What builds SQL of raw parts is of Knex, its types only know names here.
  query.orderBy(order.map(({ column, direction }) => ({ column: column as string, order: direction })));
  query.limit(limit);
  if (!after) query.offset(offset);
  else {
    const [first] = order;
    // Implied by what follows; a range that an index is entered by.
    if (order.length > 1) query.where(first!.column as string, first!.direction === 'asc' ? '>=' : '<=', after[0]!); // prettier-ignore
    query.where((rows) => beyond(rows, order, after));
  }
  return query;
}

function beyond(
  query: Knex.QueryBuilder,
  [first, ...rest]: readonly Order[],
  [value, ...values]: Cursor,
): void {
  const column = first!.column as string;
  query.where(column, first!.direction === 'asc' ? '>' : '<', value!);
  if (rest.length > 0)
    query.orWhere((same) => void same.where(column, value!).where((tied) => beyond(tied, rest, values)));
}

/** Of the last row, where a further part may follow; null where that was the end. */
export function cursorAfter<Row>(
  rows: readonly Row[],
  { limit }: Pick<Part, 'limit'>,
  key: (row: Row) => Cursor,
): Cursor | null {
  const last = rows.at(-1);
  return last === undefined || rows.length < limit ? null : key(last);
}
