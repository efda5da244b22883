import { Router } from 'express';
import type { App } from '../../core/app.ts';
import { guard, userOf } from '../../core/http/index.ts';
import { formatPhone } from '../../core/i18n/index.ts';
import { createCustomerStore } from '../../crm/index.ts';
import { readSnapshot } from './live-routes.ts';

/** GET /workspace/parked: who the customers are whom this agent may take up, by call. */
export function parkedRoutes(app: App): Router {
  const router = Router();
  const customers = createCustomerStore(app);
  router.get('/workspace/parked', guard('agent', 'supervisor'), async (req, res) => {
    const { parked = [] } = await readSnapshot(app, userOf(req).id);
    const ids = parked.flatMap(({ customerId }) => customerId ?? []);
    const names = new Map((await customers.getMany(ids)).map(({ id, name }) => [id, name]));
    const who = parked.map(({ callId, customerId, e164 }) => [
      callId,
      { name: customerId === null ? '' : (names.get(customerId) ?? ''), phone: formatPhone(e164) },
    ]);
    res.set('cache-control', 'no-store').json({ who: Object.fromEntries(who) });
  });
  return router;
}
