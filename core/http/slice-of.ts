import type { ListRequest, Slice } from './list-definition.ts';

/** A slice of rows that are all at hand, sorted as a reader of that language expects; equal ones keep their order. */
export function sliceOf<Row>(
  rows: readonly Row[],
  { sort, direction, limit, offset }: Pick<ListRequest<unknown>, 'sort' | 'direction' | 'limit' | 'offset'>,
  value: (row: Row, column: string) => string | number | null,
  locale: string,
): Slice<Row> {
  const { compare } = new Intl.Collator(locale, { numeric: true });
  const sign = direction === 'desc' ? -1 : 1;
  const sorted = rows
    .map((row) => ({ row, key: value(row, sort) }))
    .sort((a, b) => {
      if (typeof a.key === 'number' && typeof b.key === 'number') return sign * (a.key - b.key);
      return sign * compare(String(a.key ?? ''), String(b.key ?? ''));
    });
  return {
    rows: sorted.slice(offset, offset + limit).map(({ row }) => row),
    total: { count: rows.length, more: false },
  };
}
