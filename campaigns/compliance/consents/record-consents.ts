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

/**
 * Writes consents into the ledger as of the moment in which they come into it: a refusal of one of their numbers is in
 * the ledger before that, or finds them there.
 */
export function createConsentRecorder(app: Pick<App, 'db' | 'bus' | 'clock'>) {
  const { db, clock } = app;
  const store = createConsentStore(app);
  const phones = createCustomerPhones(app);

  /** Returns how many were not there yet, word for word. */
  async function record(consents: readonly NewConsent[], userId: number | null): Promise<number> {
    return db.transaction(async (trx) => {
      await lockBehind(consents, trx);
      return store.addMany(consents, { userId, at: clock.now() }, trx);
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
    const at = clock.now();
    const { customerId, e164 } = consent;
    const owners = customerId === null ? await phones.ownersOf(e164 ?? '', trx) : [customerId];
    const numbers = e164 === null ? ((await phones.numbersOf(owners, trx)).get(customerId!) ?? []) : [e164];
    const none = { revokedAt: null, revokeReason: null, revokedBy: null, annulledAt: null, recordedBy: null };
    const line: Consent = { importId: null, givenDay: null, ...consent, ...none, id: 0, recordedAt: at };
    const ledger = [...(await store.linesOf(owners, numbers, trx)), line];
    const called = (owners.length > 0 ? owners : [null]).flatMap((owner) =>
      (numbers.length > 0 ? numbers : ['']).map((number) => ({ customerId: owner, e164: number, at })),
    );
    const taken = called.map((one) => overruledAt(line, ledger, one));
    return taken.includes(null) ? null : Math.max(...(taken as number[]));
  }

  async function lockBehind(consents: readonly NewConsent[], trx: Knex.Transaction): Promise<void> {
    const named = consents.flatMap(({ customerId, e164 }) => (customerId !== null && e164 === null ? customerId : [])); // prettier-ignore
    const own = named.length > 0 ? [...(await phones.numbersOf(named, trx)).values()].flat() : [];
    await lockNumbers([...own, ...consents.flatMap(({ e164 }) => e164 ?? [])], trx);
  }

  return { record, recordOne, takenBackSince };
}
