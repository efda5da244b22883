import type { Request } from 'express';
import type { Knex } from 'knex';
import type { App } from '../app.ts';

export type Auditor = (
  req: Request,
  action: string,
  entityId: number,
  change?: { readonly before?: unknown; readonly after?: unknown },
  trx?: Knex.Transaction,
) => Promise<void>;

/** Keeps in the audit what whoever asks, a user or another system by its key, did to a row of `entity`, a table name. */
export function createAuditor(_app: Pick<App, 'audit'>, entity: string): Auditor {
  return (req, action, entityId, change = {}, trx) =>
    req.context.record({ action, entity, entityId, ...change }, trx);
}
