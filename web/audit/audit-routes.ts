import { Router, type Request } from 'express';
import { z } from 'zod';
import { fromLocal } from '../../core/time/local-time.ts';
import type { App } from '../../core/app.ts';
import { createList, guard, withParams } from '../../core/http/index.ts';
import type { Users } from '../../core/users/index.ts';
import { changesOf } from './audit-change.ts';
import { findAudit, type AuditFilters, type AuditRow } from './audit-store.ts';
import type { AuditWords } from './audit-words.ts';

const day = z.iso.date();
const filtersSchema = z.object({
  user: z.coerce.number().int().positive().optional(),
  action: z.string().max(100).optional(),
  entity: z.string().max(60).optional(),
  id: z.string().max(60).optional(),
  from: day.optional(),
  to: day.optional(),
});

/** What the links of other pages ask for: all that was done to one thing. */
const oneThing = filtersSchema.pick({ entity: true, id: true });

/** A change in the reader's words. */
interface ShownChange {
  field: string;
  from: string | null;
  to: string | null;
}
type ShownRow = AuditRow & { what: string; on: string | null; changes: ShownChange[] };

const changeText = ({ field, from, to }: ShownChange) =>
  `${field && `${field}: `}${from ?? '–'} → ${to ?? '–'}`;

const list = createList<ShownRow, typeof filtersSchema>({
  file: 'audit',
  exported: 'audit.exported',
  columns: [
    { key: 'at', labelKey: 'web:audit.at', value: (row) => row.at, format: 'datetime', sortable: true },
    { key: 'who', labelKey: 'web:audit.who', value: (row) => row.userName, partial: 'audit-who' },
    { key: 'what', labelKey: 'web:audit.what', value: (row) => row.what },
    {
      key: 'entity',
      labelKey: 'web:audit.entity',
      value: (row) => row.on,
    },
    {
      key: 'change',
      labelKey: 'web:audit.change',
      value: (row) => row.changes.map(changeText).join('; '),
      partial: 'audit-change',
    },
    { key: 'ip', labelKey: 'web:audit.ip', value: (row) => row.ip, hidden: true },
    { key: 'code', labelKey: 'web:audit.code', value: (row) => row.action, hidden: true },
  ],
  sort: { column: 'at', direction: 'desc' },
  filters: filtersSchema,
  empty: { titleKey: 'web:audit.empty.title', textKey: 'web:audit.empty.text' },
});

/** Who changed what, when, from what to what. */
export function auditRoutes(app: App, users: Users, words: AuditWords): Router {
  const router = Router();

  router.get('/audit', guard('administrator'), async (req, res) => {
    const { context } = req;
    const accounts = await users.store.active();
    const one = oneThing.safeParse(req.query).data ?? {};
    const data = {
      about:
        one.entity || one.id ? (words.subject(one.entity ?? null, one.id ?? null, context) ?? one.id) : null,
      allHref: withParams(req, { entity: null, id: null, page: null }),
      title: context.t('web:audit.title'),
      users: accounts.map(({ id, name }) => ({ value: String(id), label: name })),
      actions: words.actions.map((value) => ({ value, label: words.action(value, context) })),
    };
    await list.respond(
      req,
      res,
      'web/audit',
      async (request) => {
        const { rows, ...slice } = await findAudit(app.db, request, inTime(req, request.filters));
        const shown = rows.map((row) => ({
          ...row,
          what: words.action(row.action, context),
          on: words.subject(row.entity, row.entityId, context),
          changes: changesOf(row.before, row.after).map(({ path, from, to }) => ({
            field: words.field(path, context),
            from: words.value(row.entity, row.entityId, path, from, context),
            to: words.value(row.entity, row.entityId, path, to, context),
          })),
        }));
        return { ...slice, rows: shown };
      },
      data,
    );
  });

  return router;
}

/** Days are the reader's: from the first moment of `from` up to the last of `to`. */
function inTime(req: Request, { from, to, ...rest }: z.output<typeof filtersSchema>): AuditFilters {
  const { zone } = req.context;
  return {
    ...rest,
    from: from ? fromLocal(from, zone).startOf('day').toMillis() : undefined,
    to: to ? fromLocal(to, zone).plus({ days: 1 }).startOf('day').toMillis() : undefined,
  };
}
