import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Role } from '../users/role.ts';
import { formatDate, formatDuration, formatNumber, formatPercent, formatPhone } from '../i18n/index.ts';
import { can } from './context.ts';
import { sendCsv } from './list-csv.ts';
import type { CellFormat, Column, ListDefinition, ListRequest, Slice } from './list-definition.ts';
import { parseListQuery, withParams, type ListQuery } from './list-query.ts';
import { page, type PageOptions } from './page.ts';
import { forbidden } from './problem.ts';

export interface List<Row, Filters> {
  /**
   * Answers with the page, or with a CSV of what is shown: all rows of the filter, in its order, with its columns.
   * `fetch` is called once for a page and repeatedly for a CSV.
   */
  respond(
    req: Request,
    res: Response,
    view: string,
    fetch: (request: ListRequest<Filters>) => Promise<Slice<Row>>,
    data?: object,
    options?: ListOptions,
  ): Promise<void>;
}

export interface ListOptions extends PageOptions {
  /** What the rows belong to, for the audit of a CSV. */
  of?: { entity: string; entityId: number };
}

export function createList<Row extends object, F extends z.ZodType>(
  definition: ListDefinition<Row, F>,
): List<Row, z.output<F>> {
  const spec = {
    columns: definition.columns.map((column) => column.key),
    sortable: definition.columns.filter((column) => column.sortable).map((column) => column.key),
    shown: definition.columns.filter((column) => !column.hidden).map((column) => column.key),
    sort: definition.sort,
    filters: definition.filters,
    pageSize: definition.pageSize,
  };
  return {
    async respond(req, res, view, fetch, data = {}, options = {}) {
      const query = parseListQuery(req, spec);
      const columns = definition.columns.filter(({ key }) => query.columns.includes(key));
      if (query.format === 'csv') {
        if (!mayExport(req, definition.exporters)) throw forbidden();
        if (definition.exported !== null)
          await req.context.record({ action: definition.exported, ...options.of, after: asked(query) });
        const written = columns.filter(({ pageOnly }) => !pageOnly);
        return sendCsv(req, res, definition, written, query, fetch);
      }
      const offset = (query.page - 1) * query.pageSize;
      const slice = await fetch({ ...query, limit: query.pageSize, offset, after: null });
      // Rows have gone since this address was noted; what is there is not to be called nothing.
      const { count } = slice.total;
      if (slice.rows.length === 0 && query.page > 1 && count > 0)
        return res.redirect(302, withParams(req, { page: Math.max(1, Math.min(query.page - 1, Math.ceil(count / query.pageSize))) })); // prettier-ignore
      page(req, res, view, { ...data, list: listModel(req, definition, columns, query, slice) }, options);
    },
  };
}

/** What a CSV holds: by what it was filtered, and its columns. */
function asked({ filters, columns }: ListQuery<unknown>): { filter: string; columns: string } {
  const given = Object.entries(filters as object).filter(([, value]) => value !== undefined && value !== '');
  return {
    filter: given.map(([name, value]) => `${name}=${String(value)}`).join(', '),
    columns: columns.join(', '),
  };
}

const mayExport = (req: Request, exporters: readonly Role[] | undefined): boolean =>
  exporters === undefined || can(req, ...exporters);

function cellText<Row>(req: Request, column: Column<Row>, row: Row): string {
  const value = column.value(row);
  if (value == null || value === '') return '–';
  const { context } = req;
  switch (column.format) {
    case 'number':
      return formatNumber(Number(value), context.locale);
    case 'percent':
      return formatPercent(Number(value), context.locale);
    case 'date':
    case 'datetime':
      return formatDate(Number(value), column.format, context);
    case 'duration':
      return formatDuration(Number(value));
    case 'phone':
      return formatPhone(String(value));
    case 'key':
      return context.t(String(value));
    default:
      return String(value);
  }
}

/** Longer texts, in signs, get several lines and a width to be read in. */
const longText = 20;

/** Never broken over two lines. */
const steady = new Set<CellFormat | undefined>([
  'number',
  'percent',
  'duration',
  'date',
  'datetime',
  'phone',
]);
const endAligned = new Set<CellFormat | undefined>(['number', 'percent', 'duration']);

/** Of the heading and the cells of a column. */
function classOf<Row>(column: Column<Row>, chosen: boolean): string {
  const names = [endAligned.has(column.format) && 'end', column.minor && !chosen && 'minor'];
  return names.filter(Boolean).join(' ');
}

/** What views/partials/table.hbs draws. */
function listModel<Row extends object, F extends z.ZodType>(
  req: Request,
  definition: ListDefinition<Row, F>,
  columns: readonly Column<Row>[],
  query: ListQuery<z.output<F>>,
  { rows, total, partial }: Slice<Row>,
) {
  const from = (query.page - 1) * query.pageSize;
  const { empty, exporters } = definition;
  const action = empty.action && can(req, ...empty.action.roles) ? empty.action : null;
  const filters = query.filters as Record<string, unknown>;
  const chosen = typeof req.query.columns === 'string' && req.query.columns !== '';
  const filtered = Object.values(filters).some((value) => value !== undefined && value !== '');
  return {
    columns: columns.map((column) => {
      const sorted = query.sort === column.key ? query.direction : null;
      const next = sorted === 'asc' ? `-${column.key}` : column.key;
      return {
        key: column.key,
        labelKey: column.labelKey,
        sortHref: column.sortable ? withParams(req, { sort: next, page: null }) : null,
        ariaSort: sorted === null ? null : sorted === 'asc' ? 'ascending' : 'descending',
        class: classOf(column, chosen),
      };
    }),
    rows: rows.map((row) => ({
      row,
      cells: columns.map((column) => {
        const text = column.partial ? '' : cellText(req, column, row);
        const classes = [
          classOf(column, chosen),
          steady.has(column.format) ? 'steady' : text.length > longText && 'long',
        ];
        return {
          partial: column.partial ?? null,
          row,
          text,
          href: column.href?.(row) ?? null,
          class: classes.filter(Boolean).join(' '),
          phone: column.format === 'phone',
        };
      }),
    })),
    choices: definition.columns.map((column) => ({
      key: column.key,
      labelKey: column.labelKey,
      shown: query.columns.includes(column.key),
    })),
    form: { values: filters, errors: {} },
    filters,
    filtered,
    ...keptParams(req, filters),
    clearHref: req.baseUrl + req.path,
    sort: (query.direction === 'desc' ? '-' : '') + query.sort,
    pageSize: query.pageSize,
    total: total.count,
    more: total.more,
    from: rows.length > 0 ? from + 1 : 0,
    to: from + rows.length,
    previousHref: query.page > 1 ? withParams(req, { page: query.page - 1 }) : null,
    nextHref:
      from + rows.length < total.count || (total.more && rows.length === query.pageSize)
        ? withParams(req, { page: query.page + 1 })
        : null,
    csvHref: mayExport(req, exporters) ? withParams(req, { format: 'csv', page: null }) : null,
    empty: rows.length === 0 ? { ...empty, action, filtered, partial: partial ?? false } : null,
  };
}

/** What the filter form and the column choice carry along, so that one does not undo the other. */
function keptParams(req: Request, filters: Record<string, unknown>) {
  const { sort, size, columns } = req.query as Record<string, string | undefined>;
  const kept = { ...filters, sort, size };
  return {
    columnsParam: columns ?? '',
    sizeParam: size ?? '',
    hiddenParams: Object.entries(kept)
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]) => ({ name, value: String(value) })),
  };
}
