import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  conflict,
  flash,
  found,
  guard,
  HttpProblem,
  redirect,
  userOf,
  validate,
  wantsJson,
} from '../../core/http/index.ts';
import { cancelReason, createCallbackStore, createCanceller } from '../../campaigns/callbacks/index.ts';
import { setCallbackTime } from '../../campaigns/leads/index.ts';
import { createCustomerStore } from '../../crm/index.ts';
import type { CallbackTimes } from './callback-times.ts';
import { momentOf, wallClockSchema } from './commands.ts';

const params = z.object({ callbackId: z.coerce.number().int().positive() });
const longestAheadMs = 366 * 86_400_000;

/**
 * POST /workspace/callbacks/:callbackId/time writes down when a customer of one's own wants to be called, …/cancel why
 * they are not called back at all.
 */
export function callbackRoutes(app: App, times: CallbackTimes): Router {
  const router = Router();
  const callbacks = createCallbackStore(app);
  const customers = createCustomerStore(app);
  const cancelCallback = createCanceller(app);
  const said = validate({ params, body: wallClockSchema.omit({ e164: true }) });

  router.post(
    '/workspace/callbacks/:callbackId/time',
    guard('agent', 'supervisor'),
    said,
    async (req, res) => {
      const { callbackId } = said.of(req).params;
      const { date, time, zone } = said.of(req).body;
      const { id: userId } = userOf(req);
      const now = app.clock.now();
      const callback = found(await callbacks.get(callbackId));
      if (callback.userId !== userId) throw new HttpProblem(404, 'not-found');
      const dueAt = momentOf(date, time, zone);
      if (dueAt <= now || dueAt > now + longestAheadMs) throw new HttpProblem(422, 'callback-not-ahead');
      const { campaignId, customerId } = callback;
      const e164 = callback.e164 ?? (await customers.get(customerId))?.phones[0]?.e164 ?? '';
      await times.mustBeOpenFor({ campaignId, customerId, e164 }, dueAt);
      const result = await setCallbackTime(app, { callbackId, userId, dueAt }, now);
      if (!result.moved) throw conflict(result.reason);
      app.bus.publish('campaign.changed', { campaignId });
      if (!wantsJson(req)) flash(req, 'success', 'workspace:callbacks.timeSaved');
      redirect(req, res, '/workspace/callbacks');
    },
  );

  const cancelled = validate({ params, body: z.object({ reason: cancelReason }) });
  router.post(
    '/workspace/callbacks/:callbackId/cancel',
    guard('agent', 'supervisor'),
    cancelled,
    async (req, res) => {
      const { callbackId } = cancelled.of(req).params;
      const callback = found(await callbacks.get(callbackId));
      if (callback.userId !== userOf(req).id) throw new HttpProblem(404, 'not-found');
      await cancelCallback(req, callbackId, cancelled.of(req).body.reason);
      if (!wantsJson(req)) flash(req, 'success', 'workspace:callbacks.cancelled');
      redirect(req, res, '/workspace/callbacks');
    },
  );

  return router;
}
