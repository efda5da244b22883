import { Router } from 'express';
import type { App } from '../../core/app.ts';
import { guard, sse, userOf } from '../../core/http/index.ts';
import type { AgentSnapshot } from '../protocol.ts';
import { phoneConfig } from './phone-config.ts';

/** The truth about oneself: once on asking, and on a stream as it changes. */
export function liveRoutes(app: App): Router {
  const router = Router();

  router.get('/workspace/snapshot', guard('agent', 'supervisor'), async (req, res) => {
    res.set('cache-control', 'no-store').json(await readSnapshot(app, userOf(req).id));
  });

  router.get('/workspace/events', guard('agent', 'supervisor'), async (req, res) => {
    const user = userOf(req);
    await sse(app, req, res, {
      topics: [`agent.snapshot.${user.id}`],
      map: (payload) => ({ event: 'snapshot', data: payload }),
      // A dialer that does not answer must not end the stream: it tells of itself when it is back.
      snapshot: async () => {
        const snapshot = await readSnapshot(app, user.id).catch(() => null);
        return [snapshot ? { event: 'snapshot', data: snapshot } : { event: 'dialer-silent', data: {} }];
      },
    });
  });

  router.get('/workspace/phone', guard('agent', 'supervisor'), async (req, res) => {
    res.set('cache-control', 'no-store').json(await phoneConfig(app, userOf(req).id));
  });

  return router;
}

export function readSnapshot(app: App, userId: number): Promise<AgentSnapshot> {
  return app.bus.request<AgentSnapshot>('agent.snapshot', { userId }, { timeoutMs: 3000 });
}
