import type { Request } from 'express';
import type { App } from '../app.ts';
import { userOf } from './context.ts';

export type Auditor = (
  req: Request,
  action: string,
  entityId: number,
  change?: { readonly before?: unknown; readonly after?: unknown },
) => Promise<void>;

/** Keeps in the audit what whoever is signed in did to a row of `entity`, a table name. */
export function createAuditor(app: Pick<App, 'audit'>, entity: string): Auditor {
  return (req, action, entityId, change = {}) =>
    app.audit.record({ userId: userOf(req).id, action, entity, entityId, ip: req.ip, ...change });
}
