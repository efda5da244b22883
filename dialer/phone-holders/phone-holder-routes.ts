import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { guard, userOf, validate } from '../../core/http/index.ts';
import { phoneHolderTopic, type PhoneHolderNews } from './phone-holder.ts';
import type { PhoneHolderStore } from './phone-holder-store.ts';

const browser = z.string().regex(/^[a-z0-9]{8,40}$/);

/**
 * POST /workspace/phone/take: this browser has registered the signed-in user's phone, and their others are told.
 * POST /workspace/phone/left: it has let go of one that another took; whoever has it registers it once more.
 */
export function phoneHolderRoutes(app: Pick<App, 'bus' | 'clock'>, holders: PhoneHolderStore): Router {
  const router = Router();
  // Managers have a phone as well: they listen from the floor.
  const people = guard('agent', 'supervisor', 'manager');
  const named = validate({ body: z.object({ browser }) });
  const tell = (userId: number, news: PhoneHolderNews) => app.bus.publish(phoneHolderTopic(userId), news);

  router.post('/workspace/phone/take', people, named, async (req, res) => {
    const { id } = userOf(req);
    const holder = await holders.take(id, named.of(req).body.browser, app.clock.now());
    tell(id, holder);
    res.json(holder);
  });

  router.post('/workspace/phone/left', people, named, async (req, res) => {
    const { id } = userOf(req);
    const holder = await holders.get(id);
    if (holder && holder.browser !== named.of(req).body.browser) tell(id, { ...holder, again: true });
    res.status(204).end();
  });

  return router;
}
