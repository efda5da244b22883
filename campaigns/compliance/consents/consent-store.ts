import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import { lockNumbers } from '../../../crm/index.ts';
import type { Annulled, Consent, LedgerKind, LedgerSource, NewConsent, Refusal } from './consent.ts';

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
  given_day: string | null;
  expires_at: number | null;
  revoked_at: number | null;
  revoke_reason: string | null;
  revoked_by: number | null;
  annulled_at: number | null;
  recorded_by: number | null;
  recorded_at: number;
}

interface By {
  readonly reason: string;
  readonly userId: number | null;
  readonly at: number;
}

export type ConsentStore = ReturnType<typeof createConsentStore>;

/** All SQL for the consent ledger. A revocation is told on the bus as `consent.revoked`. */
export function createConsentStore(app: Pick<App, 'db' | 'bus'>) {
  const { db } = app;
  const table = (at: Knex | Knex.Transaction = db.knex) => at<ConsentRow>('consents');

  async function add(
    consent: NewConsent,
    by: { userId: number | null; at: number },
    trx?: Knex.Transaction,
  ): Promise<number> {
    return db.insertId('consents', toRow(consent, by), trx);
  }

  /** Adds lines that are not in the ledger yet, in the same words. Returns how many were new. */
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
    for (const line of lines) for (const key of keysOf(line)) known.add(key);
    const fresh: NewConsent[] = [];
    for (const consent of consents) {
      if ([...keysOf(consent), ...formerKey(consent)].some((key) => known.has(key))) continue;
      for (const key of keysOf(consent)) known.add(key);
      fresh.push(consent);
    }
    return db.insertMany('consents', fresh.map((consent) => toRow(consent, by)), trx); // prettier-ignore
  }

  const takeBack = (lines: Knex.QueryBuilder, { reason, userId, at }: By): Promise<number> =>
    lines.whereNull('revoked_at').update({ revoked_at: at, revoke_reason: reason, revoked_by: userId });

  /** Takes one line back. False when it was before. */
  async function revoke(id: number, by: By): Promise<boolean> {
    const rows = await takeBack(table().where({ id }), by);
    if (rows > 0) app.bus.publish('consent.revoked', {});
    return rows > 0;
  }

  /**
   * Takes back all that was given by the customers and for the numbers, and writes a refusal down for each: it stands
   * where nothing had been given, against what comes later without a date of its own, and on a number for whoever has
   * it. What somebody who has one of the numbers gave for others, or for all of theirs, goes on for those others. In a
   * transaction of the caller's, the caller tells the bus.
   */
  async function refuse(
    { customerIds, numbers, source, proof = '' }: Refusal,
    by: By,
    within?: Knex.Transaction,
  ): Promise<{ revoked: number; refusals: number }> {
    const refusal = (customer_id: number | null, e164: string): Omit<ConsentRow, 'id'> => ({
      ...{ customer_id, e164, kind: 'refusal', source, proof: proof || by.reason, import_id: null },
      ...{
        given_at: by.at,
        given_day: null,
        expires_at: null,
        annulled_at: null,
        recorded_by: by.userId,
        recorded_at: by.at,
      },
      ...{ revoked_at: by.at, revoke_reason: by.reason, revoked_by: by.userId },
    });
    const customers = [...new Set(customerIds)];
    const called = [...new Set(numbers)];
    const work = async (trx: Knex.Transaction) => {
      // An import that speaks of one of them ends first, or sees this.
      await lockNumbers(called, trx);
      let revoked = 0;
      for (const id of customers) revoked += await takeBack(table(trx).where({ customer_id: id }), by);
      for (const e164 of called) revoked += await takeBack(table(trx).where({ e164 }), by);
      const lines = [...customers.map((id) => refusal(id, '')), ...called.map((e164) => refusal(null, e164))];
      return { revoked, refusals: await db.insertMany('consents', lines, trx) };
    };
    if (within) return work(within);
    const done = await db.transaction(work);
    app.bus.publish('consent.revoked', {});
    return done;
  }

  /**
   * What was written down of one call as a customer's wish was a mistake: those refusals are not counted from now on, what
   * they took back holds again, and a line beside each says why.
   */
  async function annul(
    { customerId, numbers, callId }: { customerId: number; numbers: readonly string[]; callId: string },
    { reason, userId, at }: By,
    trx: Knex.Transaction,
  ): Promise<Annulled> {
    const ofCall = () =>
      table(trx).where({ kind: 'refusal', source: 'call', proof: callId }).whereNull('annulled_at');
    const ofCustomer = await ofCall().where({ customer_id: customerId });
    // Numbers that were theirs then: whoever has one since bears the mistake.
    const once = (await Promise.all(ofCustomer.map((line) => numbersBehind(line, trx)))).flat();
    const spoken = [...new Set([...numbers, ...once])];
    await lockNumbers(spoken, trx);
    const mistakes = [...ofCustomer, ...(await ofCall().whereNull('customer_id').whereIn('e164', spoken))];
    const ids = mistakes.map(({ id }) => id);
    const rows = await table(trx).whereIn('id', ids).whereNull('annulled_at').update({ annulled_at: at });
    if (rows === 0) return { refusals: 0, restored: 0 };
    let restored = 0;
    for (const mistake of mistakes) restored += await restore(mistake, trx);
    const lines = mistakes.map(({ customer_id, e164 }): Omit<ConsentRow, 'id'> => ({
      ...{ customer_id, e164, kind: 'annulment', source: 'page', proof: callId, import_id: null },
      ...{
        given_at: at,
        given_day: null,
        expires_at: null,
        annulled_at: null,
        recorded_by: userId,
        recorded_at: at,
      },
      ...{ revoked_at: at, revoke_reason: reason, revoked_by: userId },
    }));
    await db.insertMany('consents', lines, trx);
    return { refusals: rows, restored };
  }

  /** Of a customer's refusal: the numbers it was written down for in the same step, right behind it. */
  async function numbersBehind(
    { id, proof, given_at }: ConsentRow,
    trx: Knex.Transaction,
  ): Promise<string[]> {
    const behind = await table(trx)
      .where('id', '>', id)
      .where('id', '<=', id + lookupBatch)
      .where({ kind: 'refusal', source: 'call', proof, given_at })
      .orderBy('id');
    const next = behind.findIndex(({ customer_id }) => customer_id !== null);
    return behind.slice(0, next < 0 ? behind.length : next).map(({ e164 }) => e164);
  }

  /** Gives back what a refusal took, unless another one would have taken it since: then it is that one's. */
  async function restore(mistake: ConsentRow, trx: Knex.Transaction): Promise<number> {
    const { customer_id, e164, revoked_at, revoke_reason, revoked_by } = mistake;
    const taken = await table(trx)
      .where(customer_id === null ? { e164 } : { customer_id })
      .where({ revoked_at, revoke_reason, revoked_by })
      .whereNotIn('kind', ['refusal', 'annulment']);
    let restored = 0;
    for (const line of taken) {
      const next = await table(trx)
        .where({ kind: 'refusal' })
        .whereNull('annulled_at')
        .where('revoked_at', '>=', revoked_at)
        .where((its) => {
          if (line.customer_id !== null) void its.orWhere({ customer_id: line.customer_id });
          if (line.e164 !== '') void its.orWhere({ customer_id: null, e164: line.e164 });
        })
        .orderBy([{ column: 'revoked_at' }, { column: 'id' }])
        .first();
      const since = { revoked_at: next?.revoked_at ?? null, revoke_reason: next?.revoke_reason ?? null };
      await table(trx)
        .where({ id: line.id })
        .update({ ...since, revoked_by: next?.revoked_by ?? null });
      if (!next) restored += 1;
    }
    return restored;
  }

  /**
   * Whether what this customer has said in a call at that instant is in the ledger already. Said after an annulment it is
   * not: that spoke only of what was said before.
   */
  async function isRefusedIn(
    callId: string,
    { customerId, at }: { customerId: number; at: number },
    trx: Knex.Transaction,
  ): Promise<boolean> {
    const line = table(trx)
      .where({ customer_id: customerId, kind: 'refusal', source: 'call', proof: callId })
      .where((its) => void its.whereNull('annulled_at').orWhere('annulled_at', '>=', at));
    return (await line.first('id')) !== undefined;
  }

  async function get(id: number): Promise<Consent | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** Lines that name one of the customers or numbers. */
  async function linesOf(
    customerIds: readonly number[],
    numbers: readonly string[],
    trx?: Knex | Knex.Transaction,
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
    // What holds for all numbers of a customer has none: it is found by the customer.
    await collect('e164', numbers.filter(Boolean));
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

  return { isEmpty, add, addMany, revoke, refuse, annul, isRefusedIn, get, linesOf, ofCustomer };
}

/** A day begins at another instant where somebody else loads the same file: it is known by its own word as well. */
function keysOf(line: NewConsent | Consent): string[] {
  return [keyAt(line, line.givenAt), ...(line.givenDay ? [keyAt(line, line.givenDay)] : [])];
}

/** Days of files were read as of UTC, and not kept. */
const formerKey = (line: NewConsent): string[] =>
  line.givenDay ? [keyAt(line, Date.parse(line.givenDay))] : [];

function keyAt(
  { customerId, e164, kind, source, proof }: NewConsent | Consent,
  given: number | string,
): string {
  return JSON.stringify([customerId, e164, kind, source, proof, given]);
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
    given_day: consent.givenDay ?? null,
    expires_at: consent.expiresAt,
    revoked_at: null,
    revoke_reason: null,
    revoked_by: null,
    annulled_at: null,
    recorded_by: by.userId,
    recorded_at: by.at,
  };
}

function fromRow(row: ConsentRow): Consent {
  return {
    id: row.id,
    customerId: row.customer_id,
    e164: row.e164 === '' ? null : row.e164,
    kind: row.kind as LedgerKind,
    source: row.source as LedgerSource,
    proof: row.proof,
    importId: row.import_id,
    givenAt: row.given_at,
    givenDay: row.given_day,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    revokeReason: row.revoke_reason,
    revokedBy: row.revoked_by,
    annulledAt: row.annulled_at,
    recordedBy: row.recorded_by,
    recordedAt: row.recorded_at,
  };
}
