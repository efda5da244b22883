import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import { createCustomerPhones } from '../../../crm/customers/customer-phones.ts';
import { lockNumbers } from '../../../crm/index.ts';
import { createConsentStore } from './consent-store.ts';
import { overruledAt, type Consent, type NewConsent } from './consent.ts';

export interface Recorded {
  readonly id: number;
  readonly takenBackAt: number | null;
}

export interface RecordedMany {
  /** Of them so many were not there yet, word for word. */
  readonly added: number;
  /** Of each, as `takenBackSince`. */
  readonly takenBackAt: readonly (number | null)[];
}

/**
 * Writes consents into the ledger as of the moment in which they come into it: a refusal of one of their numbers is in
 * the ledger before that, or finds them there.
 */
export function createConsentRecorder(app: Pick<App, 'db' | 'bus' | 'clock'>) {
  const { db, clock } = app;
  const store = createConsentStore(app);
  const phones = createCustomerPhones(app);

  async function record(consents: readonly NewConsent[], userId: number | null): Promise<RecordedMany> {
    return db.transaction(async (trx) => {
      await lockBehind(consents, trx);
      const takenBackAt = await takenBackOf(consents, trx);
      return { added: await store.addMany(consents, { userId, at: clock.now() }, trx), takenBackAt };
    });
  }

  /** Returns the id of its line, and when what it permits was taken back where that stands against it. */
  async function recordOne(consent: NewConsent, userId: number | null): Promise<Recorded> {
    return db.transaction(async (trx) => {
      await lockBehind([consent], trx);
      const takenBackAt = await takenBackSince(consent, trx);
      return { id: await store.add(consent, { userId, at: clock.now() }, trx), takenBackAt };
    });
  }

  /**
   * When a consent would be of no use to anybody it is for, on any of their numbers, as it was taken back after it was
   * given: the last time that was. Null: it counts.
   */
  async function takenBackSince(
    consent: NewConsent,
    trx: Knex | Knex.Transaction = db.knex,
  ): Promise<number | null> {
    return (await takenBackOf([consent], trx))[0]!;
  }

  async function takenBackOf(
    consents: readonly NewConsent[],
    trx: Knex | Knex.Transaction,
  ): Promise<(number | null)[]> {
    const at = clock.now();
    const ownersOf = await phones.ownersOfMany(consents.flatMap(({ e164 }) => e164 ?? []), trx); // prettier-ignore
    const numbersOf = await phones.numbersOf(consents.flatMap(({ customerId, e164 }) => (e164 === null ? (customerId ?? []) : [])), trx); // prettier-ignore
    const placed = consents.map((consent) => {
      const { customerId, e164 } = consent;
      const owners = customerId === null ? (ownersOf.get(e164 ?? '') ?? []) : [customerId];
      const numbers = e164 === null ? (numbersOf.get(customerId!) ?? []) : [e164];
      return { consent, owners, numbers };
    });
    const owners = placed.flatMap((one) => one.owners);
    const ledger = await store.linesOf(owners, placed.flatMap(({ numbers }) => numbers), trx); // prettier-ignore
    if (!ledger.some(({ revokedAt }) => revokedAt !== null)) return consents.map(() => null);
    const bearing = linesBy(ledger);
    return placed.map((one) => {
      const none = {
        revokedAt: null,
        revokeReason: null,
        revokedBy: null,
        annulledAt: null,
        recordedBy: null,
      };
      const line: Consent = {
        importId: null,
        givenDay: null,
        ...one.consent,
        ...none,
        id: 0,
        recordedAt: at,
      };
      const lines = [...bearing(one.owners, one.numbers), line];
      const called = (one.owners.length > 0 ? one.owners : [null]).flatMap((owner) =>
        (one.numbers.length > 0 ? one.numbers : ['']).map((e164) => ({ customerId: owner, e164, at })),
      );
      const taken = called.map((call) => overruledAt(line, lines, call));
      return taken.includes(null) ? null : Math.max(...(taken as number[]));
    });
  }

  async function lockBehind(consents: readonly NewConsent[], trx: Knex.Transaction): Promise<void> {
    const named = consents.flatMap(({ customerId, e164 }) => (customerId !== null && e164 === null ? customerId : [])); // prettier-ignore
    const own = named.length > 0 ? [...(await phones.numbersOf(named, trx)).values()].flat() : [];
    await lockNumbers([...own, ...consents.flatMap(({ e164 }) => e164 ?? [])], trx);
  }

  return { record, recordOne, takenBackSince };
}

/** Lines that name one of some customers or numbers, found without a look at all of them. */
function linesBy(ledger: readonly Consent[]) {
  const found = new Map<number | string, Consent[]>();
  for (const line of ledger)
    for (const key of [line.customerId, line.e164])
      if (key !== null) found.set(key, [...(found.get(key) ?? []), line]);
  return (owners: readonly number[], numbers: readonly string[]): Set<Consent> =>
    new Set([...owners, ...numbers].flatMap((key) => found.get(key) ?? []));
}
