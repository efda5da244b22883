import type { App } from '../../core/app.ts';
import { createCallbackStore, type Callback } from '../callbacks/index.ts';
import type { LeadRow } from './lead-row.ts';

export type CallbackMove =
  | { moved: true; callback: Callback }
  | { moved: false; reason: 'callback-closed' | 'callback-being-dialled' };

/**
 * Puts an agent's own callback, and the lead that waits for it, to a time that was agreed on. Refused once it is
 * closed, and while the customer is being dialled.
 */
export async function setCallbackTime(
  { db }: Pick<App, 'db'>,
  asked: { callbackId: number; userId: number; dueAt: number },
  now: number,
): Promise<CallbackMove> {
  const callbacks = createCallbackStore({ db });
  const { callbackId, userId, dueAt } = asked;
  return db.transaction(async (trx) => {
    const callback = await callbacks.get(callbackId, trx);
    if (callback?.userId !== userId || callback.state !== 'open')
      return { moved: false, reason: 'callback-closed' };
    const waits = { id: callback.leadId, state: 'callback' };
    const rows = await trx<LeadRow>('leads').where(waits).update({ next_at: dueAt, updated_at: now });
    if (rows !== 1) return { moved: false, reason: 'callback-being-dialled' };
    if (!(await callbacks.setTime(callbackId, dueAt, trx)))
      throw new Error('a callback was closed while its lead waited for it');
    return { moved: true, callback };
  });
}
