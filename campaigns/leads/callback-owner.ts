import type { App } from '../../core/app.ts';
import { createCallbackStore } from '../callbacks/callback-store.ts';
import type { Callback } from '../callbacks/callback.ts';
import { holdCallback, leadWaitsFor, type CallbackMove } from './callback-lead.ts';

/**
 * Gives a callback, and the lead that waits for it, to an agent or (null) to anyone. Refused once it is closed, and while
 * the customer is being dialled. Where an attempt has been made, it stays due when the campaign would have tried again.
 * `callback` is as it was.
 */
export async function handOverCallback(
  { db }: Pick<App, 'db'>,
  asked: { callback: Callback; userId: number | null },
  now: number,
): Promise<CallbackMove> {
  const callbacks = createCallbackStore({ db });
  return db.transaction(async (trx) => {
    const callback = await holdCallback({ db }, asked.callback.id, trx);
    if (callback?.state !== 'open') return { moved: false, reason: 'callback-closed' };
    const at = (lead: { next_at: number }) => Math.max(lead.next_at, callback.dueAt);
    const refused = await leadWaitsFor({ db }, callback, { agentId: asked.userId, at }, now, trx);
    if (refused) return { moved: false, reason: refused };
    if (!(await callbacks.setOwner(callback.id, asked.userId, trx)))
      throw new Error('a callback was closed while it was held');
    return { moved: true, callback };
  });
}
