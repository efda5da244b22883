import type { Knex } from 'knex';
import type { Clock } from '../clock/clock.ts';
import type { Database } from '../database/database.ts';
import type { Audit, AuditEntry } from './audit.ts';

/** Audit rows in the table `audit_log`. */
export function createAudit({ db, clock }: { db: Database; clock: Clock }): Audit {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  return {
    async record(entry: AuditEntry, trx?: Knex.Transaction): Promise<void> {
      await (trx ?? db.knex)('audit_log').insert({
        at: clock.now(),
        user_id: entry.userId,
        action: entry.action,
        entity: entry.entity ?? null,
        entity_id: entry.entityId === undefined ? null : String(entry.entityId),
        before: json(entry.before),
        after: json(entry.after),
        ip: entry.ip ?? null,
      });
    },
  };
}
