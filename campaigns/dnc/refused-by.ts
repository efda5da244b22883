import type { App } from '../../core/app.ts';
import { createConsentStore } from '../compliance/consents/consent-store.ts';
import { consentFacts } from '../compliance/consents/consent.ts';

/** Who has a number and has asked for no calls: they are not called there, whether or not the number is on the list. */
export function createRefusedBy(app: Pick<App, 'db' | 'bus'>) {
  const consents = createConsentStore(app);

  return async function refusedBy(e164: string, at: number): Promise<{ id: number; name: string }[]> {
    const owners: { id: number; name: string }[] = await app.db
      .knex('customer_phones as p')
      .join('customers as c', 'c.id', 'p.customer_id')
      .where({ 'p.e164': e164 })
      .orderBy('c.id')
      .select('c.id', 'c.name');
    const lines = await consents.linesOf(owners.map(({ id }) => id), [e164]); // prettier-ignore
    return owners.filter(({ id }) =>
      consentFacts(lines, { e164, customerId: id, at }).kinds.includes('revoked'),
    );
  };
}
