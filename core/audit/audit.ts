import type { Knex } from 'knex';

export interface AuditEntry {
  /** Who did it; null for the product itself. */
  userId: number | null;
  /** Verb in the past tense with its area: `campaign.started`, `user.signed-in`, `settings.changed`. */
  action: string;
  /** What it was done to: table name and id. */
  entity?: string;
  entityId?: string | number;
  /** Only what changed. Secrets never: pass `'(changed)'` for them. */
  before?: unknown;
  after?: unknown;
  ip?: string;
}

/** Who changed what, from what to what. Rows are only ever added. */
export interface Audit {
  record(entry: AuditEntry, trx?: Knex.Transaction): Promise<void>;
}
