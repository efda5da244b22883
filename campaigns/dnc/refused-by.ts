import type { App } from '../../core/app.ts';
import { createConsentStore } from '../compliance/consents/consent-store.ts';
import { consentFacts, type Consent } from '../compliance/consents/consent.ts';

export interface Refuser {
  readonly id: number;
  readonly name: string;
  /** Calls of which their refusal was written down, each of which may have been a mistake. */
  readonly calls: readonly Pick<Consent, 'id' | 'proof' | 'revokeReason' | 'revokedBy' | 'givenAt'>[];
}

/** Who has a number and has asked for no calls: they are not called there, whether or not the number is on the list. */
export function createRefusedBy(app: Pick<App, 'db' | 'bus'>) {
  const consents = createConsentStore(app);

  return async function refusedBy(e164: string, at: number): Promise<Refuser[]> {
    const owners: { id: number; name: string }[] = await app.db
      .knex('customer_phones as p')
      .join('customers as c', 'c.id', 'p.customer_id')
      .where({ 'p.e164': e164 })
      .orderBy('c.id')
      .select('c.id', 'c.name');
    const lines = await consents.linesOf(owners.map(({ id }) => id), [e164]); // prettier-ignore
    return owners
      .filter(({ id }) => consentFacts(lines, { e164, customerId: id, at }).kinds.includes('revoked'))
      .map(({ id, name }) => ({
        ...{ id, name },
        calls: lines.filter(
          ({ customerId, kind, source, annulledAt }) =>
            customerId === id && kind === 'refusal' && source === 'call' && annulledAt === null,
        ),
      }));
  };
}
