import type { Knex } from 'knex';
import type { App } from '../core/app.ts';
import { createCustomerPhones } from '../crm/customers/customer-phones.ts';
import { createConsentStore } from './compliance/consents/consent-store.ts';
import { createDncStore, retryingRaces } from './dnc/dnc-store.ts';

/** Somebody who was called has asked to be called no more. */
export interface NoMoreCalls {
  /** The number that was called. */
  readonly e164: string;
  /** Who was called; null: nobody knows, but who alone has that number. */
  readonly customerId: number | null;
  readonly callId: string;
  readonly reason: string;
  readonly source: 'agent' | 'customer';
  readonly by: number | null;
  readonly at: number;
}

export type CallNoMore = ReturnType<typeof createCallNoMore>;

/**
 * Puts the number that was called on the DNC list and, in the same step, takes down that its customer wants no calls, on
 * whichever of their numbers and by whichever campaign. A number that others have as well is theirs still, but the one
 * that was called. Safe to repeat.
 */
export function createCallNoMore(app: Pick<App, 'db' | 'bus'>) {
  const dnc = createDncStore(app);
  const consents = createConsentStore(app);
  const phones = createCustomerPhones(app);

  return async function callNoMore(asked: NoMoreCalls): Promise<void> {
    const { e164, callId, reason, source, by, at } = asked;
    const work = async (trx: Knex.Transaction) => {
      const customerId = await personOf(asked, trx);
      if (customerId !== null && !(await consents.isRefusedIn(callId, { customerId, at }, trx))) {
        const numbers = await ownNumbers(customerId, trx);
        const refusal = { customerIds: [customerId], numbers, source: 'call' as const, proof: callId };
        await consents.refuse(refusal, { reason, userId: by, at }, trx);
      }
      const isListed = await dnc.add({ e164, campaignId: null, reason, source, by, at }, trx);
      return { isListed, isRefused: customerId !== null };
    };
    const { isListed, isRefused } = await retryingRaces(() => app.db.transaction(work));
    // Told from within the transaction, who looked at once has seen nothing yet.
    if (isListed) app.bus.publish('dnc.added', { e164, campaignId: null });
    if (isRefused) app.bus.publish('consent.revoked', {});
  };

  async function personOf({ customerId, e164 }: NoMoreCalls, trx: Knex.Transaction): Promise<number | null> {
    if (customerId !== null)
      return (await trx('customers').where({ id: customerId }).first('id')) ? customerId : null;
    const owners = await trx('customer_phones')
      .where({ e164 })
      .distinct()
      .limit(2)
      .pluck<number[]>('customer_id');
    return owners.length === 1 ? owners[0]! : null;
  }

  /** Numbers that nobody else has. */
  async function ownNumbers(customerId: number, trx: Knex.Transaction): Promise<string[]> {
    const numbers = (await phones.numbersOf([customerId], trx)).get(customerId) ?? [];
    const shared = await trx('customer_phones').whereIn('e164', [...numbers]).whereNot({ customer_id: customerId }).pluck<string[]>('e164'); // prettier-ignore
    return numbers.filter((e164) => !shared.includes(e164));
  }
}
