import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { createCustomerPhones } from '../../crm/customers/customer-phones.ts';
import { createCallbackStore, type Callback } from '../callbacks/index.ts';
import type { LeadRow } from './lead-row.ts';
import { mayMove, type LeadState } from './lead.ts';

export type CallbackMove =
  | { moved: true; callback: Callback }
  | { moved: false; reason: 'callback-closed' | 'callback-being-dialled' | 'callback-lead-blocked' };

/**
 * Puts an agent's own callback, and its lead, to a time that was agreed on. The lead need not wait for it any more: an
 * attempt that nobody answered has sent it back among the others while the promise stood. Refused once the callback is
 * closed, while the customer is being dialled, and where the lead may not be called at all.
 */
export async function setCallbackTime(
  { db }: Pick<App, 'db'>,
  asked: { callbackId: number; userId: number; dueAt: number },
  now: number,
): Promise<CallbackMove> {
  const callbacks = createCallbackStore({ db });
  const phones = createCustomerPhones({ db });
  const { callbackId, userId, dueAt } = asked;

  /** The number that was promised, where the customer still has it. */
  async function positionOf({ customerId, e164 }: Callback, trx: Knex.Transaction) {
    const numbers = (await phones.numbersOf([customerId], trx)).get(customerId) ?? [];
    const position = e164 === null ? -1 : numbers.indexOf(e164);
    return position < 0 ? {} : { phone_position: position };
  }

  return db.transaction(async (trx) => {
    const callback = await callbacks.get(callbackId, trx);
    if (callback?.userId !== userId || callback.state !== 'open')
      return { moved: false, reason: 'callback-closed' };
    const lead = await trx<LeadRow>('leads').where({ id: callback.leadId }).first('id', 'state', 'next_at');
    if (!lead) return { moved: false, reason: 'callback-closed' };
    const state = lead.state as LeadState;
    if (state === 'blocked') return { moved: false, reason: 'callback-lead-blocked' };
    const waits = state !== 'dialing' && mayMove(state, 'call-back', 'callback');
    const rows = waits
      ? await trx<LeadRow>('leads')
          .where(lead)
          .update({
            ...{ state: 'callback', state_reason: 'callback', agent_id: userId },
            ...{ next_at: dueAt, updated_at: now },
            ...(await positionOf(callback, trx)),
          })
      : 0;
    if (rows !== 1) return { moved: false, reason: 'callback-being-dialled' };
    if (!(await callbacks.setTime(callbackId, dueAt, trx)))
      throw new Error('a callback was closed while its lead waited for it');
    return { moved: true, callback };
  });
}
