import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { found, guard, notFound, redirect, userOf, validate } from '../../core/http/index.ts';
import { line } from '../../core/text/index.ts';
import { createCustomerStore } from '../../crm/index.ts';
import type { AgentSnapshot } from '../protocol.ts';
import { createCustomerMaker } from './made-customer.ts';
import type { OwnCall } from './own-call.ts';

const text = (most: number) => line.max(most).default('');
const body = z
  .object({
    customerId: z.coerce.number().int().positive().optional(),
    name: text(191),
    salutation: text(100),
    company: text(191),
    language: text(10),
  })
  .refine(({ customerId, name }) => customerId !== undefined || name !== '', {
    path: ['name'],
    error: 'workspace:errors.name',
  });
const params = z.object({ callId: z.string().min(1).max(40) });

/**
 * POST /workspace/call/:callId/customer says whose number it is that was dialled: one of the customers who have it,
 * or one made now with this number, once for the call. For calls of one's own that belong to nobody yet.
 */
export function identifyRoutes(app: App, ownCall: OwnCall): Router {
  const router = Router();
  const customers = createCustomerStore(app);
  const maker = createCustomerMaker(app);
  const said = validate({ params, body });

  router.post('/workspace/call/:callId/customer', guard('agent', 'supervisor'), said, async (req, res) => {
    const { callId } = said.of(req).params;
    const given = said.of(req).body;
    const { id: userId } = userOf(req);
    const { e164, customerId: known, askedBy } = found(await ownCall.live(userId, callId));
    // Whoever says it first, who asks or who is asked: one customer is made for the call that it is about.
    const id = askedBy?.callId ?? callId;
    if (known === null) {
      const customerId =
        given.customerId === undefined
          ? await maker.make(req, { id, e164 }, given)
          : await owner(e164, given.customerId);
      await app.bus.request<AgentSnapshot>('agent.identify', { userId, callId, customerId });
    }
    redirect(req, res, '/workspace');
  });

  /** Only whoever has this number can be whom it was dialled for. */
  async function owner(e164: string, customerId: number): Promise<number> {
    if (!(await customers.withPhone(e164)).some(({ id }) => id === customerId)) throw notFound();
    return customerId;
  }

  return router;
}
