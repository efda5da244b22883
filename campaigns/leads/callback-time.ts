import type { App } from '../../core/app.ts';
import { createCallbackStore } from '../callbacks/callback-store.ts';
import { leadWaitsFor, type CallbackMove } from './callback-lead.ts';

/** Puts an agent's own callback, and its lead, to a time that was agreed on. Refused once the callback is closed. */
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
    const refused = await leadWaitsFor({ db }, callback, { agentId: userId, at: () => dueAt }, now, trx);
    if (refused) return { moved: false, reason: refused };
    if (!(await callbacks.setTime(callbackId, dueAt, trx)))
      throw new Error('a callback was closed while its lead waited for it');
    return { moved: true, callback };
  });
}
