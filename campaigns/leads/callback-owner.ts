import type { App } from '../../core/app.ts';
import { createCallbackStore, type Callback } from '../callbacks/index.ts';
import type { CallbackMove } from './callback-time.ts';
import type { LeadRow } from './lead-row.ts';

/**
 * Gives a callback, and the lead that waits for it, to an agent or (null) to anyone. Refused once it is closed, and while
 * the customer is being dialled. `callback` is as it was.
 */
export async function handOverCallback(
  { db }: Pick<App, 'db'>,
  asked: { callback: Callback; userId: number | null },
  now: number,
): Promise<CallbackMove> {
  const callbacks = createCallbackStore({ db });
  return db.transaction(async (trx) => {
    const callback = await callbacks.get(asked.callback.id, trx);
    if (callback?.state !== 'open') return { moved: false, reason: 'callback-closed' };
    const waits = { id: callback.leadId, state: 'callback' };
    const rows = await trx<LeadRow>('leads').where(waits).update({ agent_id: asked.userId, updated_at: now });
    if (rows !== 1) return { moved: false, reason: 'callback-being-dialled' };
    if (!(await callbacks.setOwner(callback.id, asked.userId, trx)))
      throw new Error('a callback was closed while its lead waited for it');
    return { moved: true, callback };
  });
}
