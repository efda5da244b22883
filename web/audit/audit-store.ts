import type { Knex } from 'knex';
import type { Database } from '../../core/database/database.ts';
import { countUpTo, cursorAfter, partOf, type Order, type Part } from '../../core/http/index.ts';
import type { ListRequest, Slice } from '../../core/http/index.ts';

export interface AuditFilters {
  user?: number;
  action?: string;
  entity?: string;
  /** Part of what was done it to: an id. */
  id?: string;
  /** Epoch ms; `to` is not included. */
  from?: number;
  to?: number;
}

export interface AuditRow {
  id: number;
  at: number;
  userId: number | null;
  userName: string | null;
  action: string;
  entity: string | null;
  entityId: string | null;
  before: unknown;
  after: unknown;
  ip: string | null;
}

type Raw = Omit<AuditRow, 'before' | 'after'> & { before: string | null; after: string | null };

/** Reads the audit; nothing here writes. */
export async function findAudit(
  db: Database,
  request: Pick<ListRequest<unknown>, 'direction'> & Part,
  filters: AuditFilters,
): Promise<Slice<AuditRow>> {
  const filtered = where(db.knex('audit_log as a'), filters);
  const order: Order[] = [
    { column: 'a.at', direction: request.direction },
    { column: 'a.id', direction: request.direction },
  ];
  const rows = (await partOf(filtered.clone(), order, request)
    .leftJoin('users as u', 'u.id', 'a.user_id')
    .select({
      id: 'a.id',
      at: 'a.at',
      userId: 'a.user_id',
      userName: 'u.name',
      action: 'a.action',
      entity: 'a.entity',
      entityId: 'a.entity_id',
      before: 'a.before',
      after: 'a.after',
      ip: 'a.ip',
    })) as Raw[];
  return {
    rows: rows.map((row) => ({
      ...row,
      at: Number(row.at),
      before: parse(row.before),
      after: parse(row.after),
    })),
    total: await countUpTo(db, filtered),
    next: cursorAfter(rows, request, ({ at, id }) => [Number(at), id]),
  };
}

function where(query: Knex.QueryBuilder, filters: AuditFilters): Knex.QueryBuilder {
  if (filters.user !== undefined) query.where('a.user_id', filters.user);
  if (filters.action) query.where('a.action', filters.action);
  if (filters.entity) query.where('a.entity', filters.entity);
  if (filters.id) query.where('a.entity_id', filters.id);
  if (filters.from !== undefined) query.where('a.at', '>=', filters.from);
  if (filters.to !== undefined) query.where('a.at', '<', filters.to);
  return query;
}

function parse(json: string | null): unknown {
  if (json === null) return null;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return json;
  }
}
