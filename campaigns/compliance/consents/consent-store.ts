import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import type { Consent, ConsentKind, ConsentSource, NewConsent } from './consent.ts';

const lookupBatch = 400;

interface ConsentRow {
  id: number;
  customer_id: number | null;
  e164: string;
  kind: string;
  source: string;
  proof: string;
  import_id: number | null;
  given_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  revoke_reason: string | null;
  revoked_by: number | null;
  recorded_by: number | null;
  recorded_at: number;
}

/** Which lines are revoked: one, or all that hold for a customer or a number. */
export type Revoked = { readonly id: number } | { readonly customerId: number } | { readonly e164: string };

export type ConsentStore = ReturnType<typeof createConsentStore>;

/** All SQL for the consent ledger. A revocation is told on the bus as `consent.revoked`. */
export function createConsentStore(app: Pick<App, 'db' | 'bus'>) {
  const { db } = app;
  const table = (at: Knex | Knex.Transaction = db.knex) => at<ConsentRow>('consents');

  async function add(consent: NewConsent, by: { userId: number | null; at: number }): Promise<number> {
    return db.insertId('consents', toRow(consent, by));
  }

  /** Adds lines that are not in the ledger yet, word for word. Returns how many were new. */
  async function addMany(
    consents: readonly NewConsent[],
    by: { userId: number | null; at: number },
    trx?: Knex.Transaction,
  ): Promise<number> {
    const known = new Set<string>();
    const lines = await linesOf(
      consents.flatMap(({ customerId }) => customerId ?? []),
      consents.flatMap(({ e164 }) => e164 ?? []),
      trx,
    );
    for (const line of lines) known.add(keyOf(line));
    const fresh: NewConsent[] = [];
    for (const consent of consents) {
      const key = keyOf(consent);
      if (known.has(key)) continue;
      known.add(key);
      fresh.push(consent);
    }
    return db.insertMany('consents', fresh.map((consent) => toRow(consent, by)), trx); // prettier-ignore
  }

  /** Returns how many lines were taken back. */
  async function revoke(
    which: Revoked,
    { reason, userId, at }: { reason: string; userId: number | null; at: number },
  ): Promise<number> {
    const where =
      'id' in which
        ? { id: which.id }
        : 'customerId' in which
          ? { customer_id: which.customerId }
          : { e164: which.e164 };
    const rows = await table()
      .where(where)
      .whereNull('revoked_at')
      .update({ revoked_at: at, revoke_reason: reason, revoked_by: userId });
    if (rows > 0) app.bus.publish('consent.revoked', which);
    return rows;
  }

  async function get(id: number): Promise<Consent | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** Lines that name one of the customers or numbers. */
  async function linesOf(
    customerIds: readonly number[],
    numbers: readonly string[],
    trx?: Knex.Transaction,
  ): Promise<Consent[]> {
    const found = new Map<number, Consent>();
    const collect = async (column: string, values: readonly (string | number)[]): Promise<void> => {
      const wanted = [...new Set(values)];
      for (let from = 0; from < wanted.length; from += lookupBatch) {
        const rows = await table(trx).whereIn(column, wanted.slice(from, from + lookupBatch) as string[]);
        for (const row of rows) found.set(row.id, fromRow(row));
      }
    };
    await collect('customer_id', customerIds);
    await collect('e164', numbers);
    return [...found.values()];
  }

  /** The ledger of one customer and the numbers they have, newest first. */
  async function ofCustomer(customerId: number, numbers: readonly string[]): Promise<Consent[]> {
    const lines = await linesOf([customerId], numbers);
    return lines
      .filter((line) => line.customerId === null || line.customerId === customerId)
      .sort((a, b) => b.givenAt - a.givenAt || b.id - a.id);
  }

  /** Nobody's consent is on record. */
  async function isEmpty(trx?: Knex.Transaction): Promise<boolean> {
    return !(await table(trx).first('id'));
  }

  return { isEmpty, add, addMany, revoke, get, linesOf, ofCustomer };
}

function keyOf({ customerId, e164, kind, source, proof, givenAt }: NewConsent): string {
  return JSON.stringify([customerId, e164, kind, source, proof, givenAt]);
}

function toRow(consent: NewConsent, by: { userId: number | null; at: number }): Omit<ConsentRow, 'id'> {
  return {
    customer_id: consent.customerId,
    e164: consent.e164 ?? '',
    kind: consent.kind,
    source: consent.source,
    proof: consent.proof,
    import_id: consent.importId ?? null,
    given_at: consent.givenAt,
    expires_at: consent.expiresAt,
    revoked_at: null,
    revoke_reason: null,
    revoked_by: null,
    recorded_by: by.userId,
    recorded_at: by.at,
  };
}

function fromRow(row: ConsentRow): Consent {
  return {
    id: row.id,
    customerId: row.customer_id,
    e164: row.e164 === '' ? null : row.e164,
    kind: row.kind as ConsentKind,
    source: row.source as ConsentSource,
    proof: row.proof,
    importId: row.import_id,
    givenAt: row.given_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    revokeReason: row.revoke_reason,
    revokedBy: row.revoked_by,
    recordedBy: row.recorded_by,
    recordedAt: row.recorded_at,
  };
}
