import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { createCustomerPhones } from '../../crm/customers/customer-phones.ts';
import { createCallbackStore } from '../callbacks/callback-store.ts';
import type { Callback } from '../callbacks/callback.ts';
import type { LeadRow } from './lead-row.ts';
import { mayMove, type LeadState } from './lead.ts';

export type CallbackRefusal = 'callback-closed' | 'callback-being-dialled' | 'callback-lead-blocked';
export type CallbackMove = { moved: true; callback: Callback } | { moved: false; reason: CallbackRefusal };

/**
 * A callback as it stands now, which nobody else moves until the transaction ends. Its lead is held first, as by whoever
 * ends an attempt: of two who are about the same promise the second sees what the first has done.
 */
export async function holdCallback(
  { db }: Pick<App, 'db'>,
  id: number,
  trx: Knex.Transaction,
): Promise<Callback | null> {
  const callbacks = createCallbackStore({ db });
  const asked = await callbacks.get(id, trx);
  if (!asked) return null;
  await trx<LeadRow>('leads').where({ id: asked.leadId }).forUpdate().first('id');
  return callbacks.lock(id, trx);
}

/**
 * Has the lead of an open callback wait for it, at the number promised where the customer still has it. The lead need not
 * do so any more: an attempt that nobody answered has sent it back among the others while the promise stood. Refused
 * while the customer is being dialled, and where the lead may not be called at all; null: done.
 */
export async function leadWaitsFor(
  { db }: Pick<App, 'db'>,
  callback: Callback,
  wanted: { agentId: number | null; at: (lead: Pick<LeadRow, 'state' | 'next_at'>) => number },
  now: number,
  trx: Knex.Transaction,
): Promise<CallbackRefusal | null> {
  const lead = await trx<LeadRow>('leads').where({ id: callback.leadId }).first('id', 'state', 'next_at');
  if (!lead) return 'callback-closed';
  const state = lead.state as LeadState;
  if (state === 'blocked') return 'callback-lead-blocked';
  if (state === 'dialing' || !mayMove(state, 'call-back', 'callback')) return 'callback-being-dialled';
  const numbers = (await createCustomerPhones({ db }).numbersOf([callback.customerId], trx)).get(callback.customerId) ?? []; // prettier-ignore
  const position = callback.e164 === null ? -1 : numbers.indexOf(callback.e164);
  const rows = await trx<LeadRow>('leads')
    .where(lead)
    .update({
      ...{ state: 'callback', state_reason: 'callback', agent_id: wanted.agentId },
      ...{ next_at: wanted.at(lead), updated_at: now },
      ...(position < 0 ? {} : { phone_position: position }),
    });
  return rows === 1 ? null : 'callback-being-dialled';
}
