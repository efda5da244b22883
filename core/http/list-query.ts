import type { Request } from 'express';
import { z } from 'zod';
import { fieldErrors } from './validate.ts';
import { HttpProblem } from './problem.ts';

export interface ListSpec<F extends z.ZodType> {
  /** Keys of all columns, in their order. */
  columns: readonly string[];
  /** Those that can be sorted by. */
  sortable: readonly string[];
  /** Shown unless the reader chooses; all when absent. */
  shown?: readonly string[];
  sort: { column: string; direction: Direction };
  /** Filters as they stand in the URL. A filter that does not fit its schema is answered with 400. */
  filters: F;
  pageSize?: number;
}

export type Direction = 'asc' | 'desc';

/** What a list page was asked for. */
export interface ListQuery<Filters> {
  sort: string;
  direction: Direction;
  page: number;
  pageSize: number;
  columns: string[];
  filters: Filters;
  format: 'page' | 'csv';
}

const pageSizes = [25, 50, 100, 200];

const common = z.object({
  // Said twice it says nothing.
  sort: z.string().optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(1_000_000).catch(1),
  size: z.coerce.number().int().catch(0),
  columns: z.string().optional().catch(undefined),
  format: z.enum(['page', 'csv']).catch('page'),
});

/** Reads `?sort=-name&page=2&size=50&columns=a,b&format=csv` and the list's own filters. Empty filters count as absent. */
export function parseListQuery<F extends z.ZodType>(req: Request, spec: ListSpec<F>): ListQuery<z.output<F>> {
  const raw = Object.fromEntries(
    Object.entries(req.query).filter(([, value]) => value !== '' && value !== undefined),
  );
  const given = common.parse(raw);
  const filters = spec.filters.safeParse(raw);
  if (!filters.success)
    throw new HttpProblem(400, 'invalid-query', {}, fieldErrors(filters.error, req.context.t));

  const wanted = given.sort?.replace(/^-/, '') ?? '';
  const sorted = spec.sortable.includes(wanted);
  const chosen = given.columns?.split(',').filter((key) => spec.columns.includes(key)) ?? [];
  const shown = chosen.length > 0 ? chosen : (spec.shown ?? spec.columns);
  return {
    sort: sorted ? wanted : spec.sort.column,
    direction: sorted ? (given.sort!.startsWith('-') ? 'desc' : 'asc') : spec.sort.direction,
    page: given.page,
    pageSize: pageSizes.includes(given.size) ? given.size : (spec.pageSize ?? 50),
    columns: spec.columns.filter((key) => shown.includes(key)),
    filters: filters.data,
    format: given.format,
  };
}

/** This page's URL with some parameters set anew; null takes one away. */
export function withParams(req: Request, changes: Record<string, string | number | null>): string {
  const url = new URL(req.originalUrl, 'http://localhost');
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) url.searchParams.delete(key);
    else url.searchParams.set(key, String(value));
  }
  return url.pathname + url.search;
}
