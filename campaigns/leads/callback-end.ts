import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { createTimelineStore } from '../../crm/timeline/index.ts';
import { optedOutReason } from './block-reasons.ts';
import { createCallbackStore } from '../callbacks/callback-store.ts';
import type { Callback } from '../callbacks/callback.ts';
import { holdCallback, type CallbackMove } from './callback-lead.ts';
import type { LeadRow } from './lead-row.ts';
import type { LeadState } from './lead.ts';

/** For these of the gate's reasons nobody is called back: the customer has taken back what they asked for. */
const endingReasons: ReadonlySet<string> = new Set(['DNC_INTERNAL', 'CONSENT_REVOKED', optedOutReason]);

/** How promises end that are not kept; each is told on the customer's timeline. */
export function createCallbackEnds({ db }: Pick<App, 'db'>) {
  const callbacks = createCallbackStore({ db });
  const timeline = createTimelineStore({ db });

  /**
   * Nobody calls the customer back: the lead is done, and comes back only when leads of its last result are recycled.
   * Refused once the callback is closed, and while the customer is being dialled.
   */
  async function cancel(
    id: number,
    { reason, userId }: { reason: string; userId: number },
    now: number,
  ): Promise<CallbackMove> {
    return db.transaction(async (trx) => {
      const callback = await holdCallback({ db }, id, trx);
      if (callback?.state !== 'open') return { moved: false, reason: 'callback-closed' };
      const leads = () => trx<LeadRow>('leads').where({ id: callback.leadId });
      const lead = await leads().first('state', 'next_at');
      if (lead?.state === 'dialing') return { moved: false, reason: 'callback-being-dialled' };
      if (lead?.state === 'callback' || lead?.state === 'waiting') {
        const done = { state: 'done', state_reason: 'callback-cancelled', agent_id: null, updated_at: now };
        if ((await leads().where(lead).update(done)) !== 1)
          return { moved: false, reason: 'callback-being-dialled' };
      }
      if (!(await callbacks.close(id, 'cancelled', now, trx)))
        throw new Error('a callback was closed while it was held');
      await tell(callback, { userId, at: now, data: { reason } }, trx);
      return { moved: true, callback };
    });
  }

  /** The lead has been blocked for this reason: what was promised to its customer may not be kept. */
  async function blocked(leadId: number, code: string, now: number, trx: Knex.Transaction): Promise<void> {
    if (endingReasons.has(code)) await endAll(leadId, { code, userId: null, at: now }, trx);
  }

  /** The lead has come to its end without a talk: what was promised is not kept. */
  async function givenUp(
    leadId: number,
    state: LeadState,
    { by, at }: { by?: number | null; at: number },
    trx: Knex.Transaction,
  ): Promise<void> {
    const code = state === 'blocked' ? optedOutReason : state === 'exhausted' ? 'exhausted' : 'finished';
    // Behind the attempt itself, of the same instant.
    await endAll(leadId, { code, userId: by ?? null, at: at + 1 }, trx);
  }

  async function endAll(
    leadId: number,
    { code, userId, at }: { code: string; userId: number | null; at: number },
    trx: Knex.Transaction,
  ): Promise<void> {
    for (const callback of await callbacks.ofLead(leadId, trx))
      if (callback.state === 'open' && (await callbacks.close(callback.id, 'cancelled', at, trx)))
        await tell(callback, { userId, at, data: { code } }, trx);
  }

  /**
   * Promised in a call whose lead may not be called by then, so that nothing is written but this. Once, however often
   * it is tried.
   */
  async function refused(
    promise: Pick<Callback, 'customerId' | 'dueAt' | 'callId'>,
    blockedBy: string | null,
    promisedAt: number,
    trx: Knex.Transaction,
  ): Promise<void> {
    // Behind the promise itself, of the same instant.
    const at = promisedAt + 1;
    const { customerId, callId } = promise;
    if (await timeline.has({ customerId, at, kind: 'callback', callId }, trx)) return;
    const code = blockedBy !== null && endingReasons.has(blockedBy) ? blockedBy : 'blocked';
    await tell(promise, { userId: null, at, data: { code } }, trx);
  }

  async function tell(
    { customerId, dueAt, callId }: Pick<Callback, 'customerId' | 'dueAt' | 'callId'>,
    { userId, at, data }: { userId: number | null; at: number; data: object },
    trx: Knex.Transaction,
  ): Promise<void> {
    const ended = { dueAt, action: 'cancelled', ...data };
    await timeline.append({ customerId, at, kind: 'callback', userId, callId, data: ended }, trx);
  }

  return { cancel, blocked, givenUp, refused };
}
