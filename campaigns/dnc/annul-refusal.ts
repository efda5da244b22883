import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { createCustomerPhones } from '../../crm/customers/customer-phones.ts';
import { createConsentStore } from '../compliance/consents/consent-store.ts';
import type { Annulled } from '../compliance/consents/consent.ts';
import { createLeadStore } from '../leads/lead-store.ts';

export interface Annulment {
  readonly customerId: number;
  /** The call whose refusal was a mistake. */
  readonly callId: string;
  readonly reason: string;
  readonly by: number;
  readonly at: number;
}

/**
 * Takes a refusal that was written down of one call for the mistake that it was, and lets leads that were given up for it
 * wait again: the gate is asked about them as about any other. Refusals of other calls stand.
 */
export function createAnnulRefusal(app: Pick<App, 'db' | 'bus'>) {
  const consents = createConsentStore(app);
  const phones = createCustomerPhones(app);
  const leads = createLeadStore(app);

  return async function annulRefusal({ customerId, callId, reason, by, at }: Annulment): Promise<Annulled> {
    const work = async (trx: Knex.Transaction): Promise<Annulled> => {
      const numbers = [...((await phones.numbersOf([customerId], trx)).get(customerId) ?? [])];
      const done = await consents.annul({ customerId, numbers, callId }, { reason, userId: by, at }, trx);
      const which = { customerIds: [customerId], reasons: ['CONSENT_REVOKED'], campaignId: null };
      if (done.refusals > 0) await leads.unblock(which, at, trx);
      return done;
    };
    return app.db.transaction(work);
  };
}
