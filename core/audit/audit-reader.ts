import type { Database } from '../database/database.ts';

/** What was done to one thing, in the words of the code. */
export interface AuditLine {
  readonly at: number;
  /** Null: the product itself. */
  readonly userName: string | null;
  readonly action: string;
  readonly after: Readonly<Record<string, unknown>> | null;
}

export interface AuditSubject {
  readonly entity: string;
  readonly entityId: number;
  /** Only these; all unless named. */
  readonly actions?: readonly string[];
}

/** What was done to any of these, the newest first. */
export async function auditOf(
  db: Database,
  subjects: readonly AuditSubject[],
  limit: number,
): Promise<AuditLine[]> {
  const lines: (Omit<AuditLine, 'after'> & { id: number; after: string | null })[] = [];
  for (const { entity, entityId, actions } of subjects) {
    const rows: typeof lines = await db
      .knex('audit_log as a')
      .leftJoin('users as u', 'u.id', 'a.user_id')
      .where({ 'a.entity': entity, 'a.entity_id': String(entityId) })
      .modify((query) => void (actions && query.whereIn('a.action', [...actions])))
      .orderBy([
        { column: 'a.at', order: 'desc' },
        { column: 'a.id', order: 'desc' },
      ]) // prettier-ignore
      .limit(limit)
      .select({ id: 'a.id', at: 'a.at', userName: 'u.name', action: 'a.action', after: 'a.after' });
    lines.push(...rows);
  }
  return lines
    .sort((a, b) => Number(b.at) - Number(a.at) || b.id - a.id)
    .slice(0, limit)
    .map(({ at, userName, action, after }) => ({
      ...{ at: Number(at), userName, action },
      after: after === null ? null : (JSON.parse(after) as Record<string, unknown>),
    }));
}
