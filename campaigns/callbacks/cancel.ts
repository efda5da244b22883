import type { Request } from 'express';
import type { App } from '../../core/app.ts';
import { conflict, createAuditor, userOf } from '../../core/http/index.ts';
import { line } from '../../core/text/index.ts';
import { createCallbackEnds } from '../leads/callback-end.ts';

/** Why nobody calls the customer back, as somebody types it. */
export const cancelReason = line.min(1).max(200);

/** Cancels a callback for whoever asks; the caller knows that they may. Refused in words. */
export function createCanceller(app: App) {
  const ends = createCallbackEnds(app);
  const audit = createAuditor(app, 'callbacks');

  return async (req: Request, id: number, reason: string): Promise<void> => {
    const result = await ends.cancel(id, { reason, userId: userOf(req).id }, app.clock.now());
    if (!result.moved) throw conflict(result.reason);
    await audit(req, 'callback.cancelled', id, { after: { reason } });
    app.bus.publish('campaign.changed', { campaignId: result.callback.campaignId });
  };
}
