import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { guard, notFound, userOf, validate } from '../../core/http/index.ts';
import type { MessageStore } from '../messages/index.ts';

const params = z.object({ id: z.coerce.number().int().positive() });

/** POST /workspace/messages/:id/read: the agent has read it, once and for all of their pages. */
export function messageRoutes(app: Pick<App, 'clock'>, messages: MessageStore): Router {
  const router = Router();
  const reading = validate({ params });
  router.post('/workspace/messages/:id/read', guard('agent', 'supervisor'), reading, async (req, res) => {
    const { id } = reading.of(req).params;
    if (!(await messages.read(id, userOf(req).id, app.clock.now()))) throw notFound();
    res.status(204).end();
  });
  return router;
}
