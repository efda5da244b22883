import type { App } from '../../core/app.ts';
import { createTimelineStore } from '../../crm/timeline/index.ts';
import { createCallbackStore } from '../callbacks/callback-store.ts';
import { holdCallback, leadWaitsFor, type CallbackMove } from './callback-lead.ts';

/**
 * Puts an agent's own callback, and its lead, to a time that was agreed on, and tells it on the timeline. Refused once
 * the callback is closed. Safe to repeat: a time that is written down already is not told again.
 */
export async function setCallbackTime(
  { db }: Pick<App, 'db'>,
  asked: { callbackId: number; userId: number; dueAt: number },
  now: number,
): Promise<CallbackMove> {
  const callbacks = createCallbackStore({ db });
  const timeline = createTimelineStore({ db });
  const { callbackId, userId, dueAt } = asked;
  return db.transaction(async (trx): Promise<CallbackMove> => {
    const callback = await holdCallback({ db }, callbackId, trx);
    if (callback?.userId !== userId || callback.state !== 'open')
      return { moved: false, reason: 'callback-closed' };
    const refused = await leadWaitsFor({ db }, callback, { agentId: userId, at: () => dueAt }, now, trx);
    if (refused) return { moved: false, reason: refused };
    if (!(await callbacks.setTime(callback, dueAt, trx)))
      throw new Error('a callback was closed or moved while it was held');
    if (callback.timeAgreed && callback.dueAt === dueAt) return { moved: true, callback };
    const { customerId, callId, note } = callback;
    const data = { dueAt, mine: true, note };
    await timeline.append({ customerId, at: now, kind: 'callback', userId, callId, data }, trx);
    return { moved: true, callback };
  });
}
