import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import { createCustomerPhones } from '../../../crm/customers/customer-phones.ts';
import { lockNumbers } from '../../../crm/index.ts';
import { createConsentStore } from './consent-store.ts';
import type { NewConsent } from './consent.ts';

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

  /** Returns the id of its line. */
  async function recordOne(consent: NewConsent, userId: number | null): Promise<number> {
    return db.transaction(async (trx) => {
      await lockBehind([consent], trx);
      return store.add(consent, { userId, at: clock.now() }, trx);
    });
  }

  async function lockBehind(consents: readonly NewConsent[], trx: Knex.Transaction): Promise<void> {
    const named = consents.flatMap(({ customerId, e164 }) => (customerId !== null && e164 === null ? customerId : [])); // prettier-ignore
    const own = named.length > 0 ? [...(await phones.numbersOf(named, trx)).values()].flat() : [];
    await lockNumbers([...own, ...consents.flatMap(({ e164 }) => e164 ?? [])], trx);
  }

  return { record, recordOne };
}
